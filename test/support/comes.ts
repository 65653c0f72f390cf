// Waits for results that must occur, also on a very slow machine.

import { setTimeout as sleep } from 'node:timers/promises';

/** Far longer than any result takes, in milliseconds. An emulated processor is about ten times slower. */
const LIMIT_MS = process.env['EMULATED_NODE'] === undefined ? 90_000 : 900_000;

/** The result of the promise. @throws Error naming `what` if it is still pending after the limit */
export async function comes<T>(what: string, promise: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = sleep(LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`expected ${what} within ${LIMIT_MS} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
    await late.catch(() => undefined);
  }
}

/** Wait until a condition is true. @throws Error naming `what` if it is still false after the limit */
export async function becomes(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`expected ${what} within ${LIMIT_MS} ms`);
    await sleep(5);
  }
}
