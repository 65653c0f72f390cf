// Time limits for a busy, emulated machine.

import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. */
export const limits = {
  /** From the start of dockerd until it is ready. */
  start: 240_000,
  /** From SIGTERM until dockerd has ended. */
  stop: 120_000,
  /** One command of the client. */
  command: 180_000,
} as const;

/**
 * Poll until the answer is true.
 *
 * @throws Error naming `what` if the answer is still false after `limit` milliseconds
 */
export async function until(
  what: string,
  limit: number,
  ask: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + limit;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`${what} took more than ${limit / 1000} s`);
    await sleep(250);
  }
}
