// Waiting for what must come, on a machine as slow as can be.

import { setTimeout as sleep } from 'node:timers/promises';

/** Far longer than anything takes here: only what never comes runs into it. */
const LIMIT_MS = 90_000;

/** What the promise resolves to. @throws Error naming `what` if it is still pending after the limit */
export async function comes<T>(what: string, promise: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = sleep(LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`expected ${what}, which did not come in ${LIMIT_MS} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
    await late.catch(() => undefined);
  }
}

/** Wait until something is so. @throws Error naming `what` if it is not so within the limit */
export async function becomes(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!isSo()) {
    if (Date.now() > deadline)
      throw new Error(`expected ${what}, and it was not so in ${LIMIT_MS} ms`);
    await sleep(5);
  }
}
