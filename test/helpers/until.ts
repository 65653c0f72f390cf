// Waiting for what a test cannot be called back for: it is looked for again and again, never for a fixed time.

import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** No machine is so busy that it takes longer. */
const LIMIT_MS = 120_000;

/**
 * Resolves with the first result of `look` that is neither `false` nor `undefined`.
 * @throws Error that names `what` was waited for, when it does not come within two minutes
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
