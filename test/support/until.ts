// Polls for a condition for which there is no callback, instead of waiting for a fixed time.

import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** Limit in milliseconds, long enough for a busy machine. */
const LIMIT_MS = 120_000;

/**
 * Wait for the first result of `look` that is neither `false` nor `undefined`.
 * @throws Error naming `what` if there is none within two minutes
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, false | undefined>;
    if (performance.now() >= deadline) {
      throw new Error(`${what}: expected within ${LIMIT_MS / 1000} s`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
