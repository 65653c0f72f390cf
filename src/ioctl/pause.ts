// Waiting for a while, with an abort that says what it was aborted with.

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Wait `ms` milliseconds.
 * @throws the reason of `signal`, as soon as it is aborted; a timer of Node's own would say `AbortError` whatever that is
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
