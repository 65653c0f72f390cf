// Waits for a time, and rejects with the abort reason of a signal.

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits `ms` milliseconds.
 * @throws the reason of `signal` as soon as it is aborted; Node's own timer always throws `AbortError` instead
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
