// Helpers for diagnosis and cleanup beside an error. Their own failures never replace that error.

/**
 * The result of `look`, or `undefined` if it throws. For diagnosis of an error (holders of a device, kernel log, pool
 * status): a failed diagnosis must not replace the error.
 */
export async function attempt<T>(look: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch {
    return undefined;
  }
}

/**
 * Runs `task`, then `cleanup`, whether `task` succeeds or fails.
 * @throws the error of `task`; if `task` succeeds, the error of `cleanup`
 */
export async function withCleanup<T>(
  task: () => Promise<T>,
  cleanup: () => Promise<unknown>,
): Promise<T> {
  let result: T;
  try {
    result = await task();
  } catch (error) {
    await attempt(cleanup);
    throw error;
  }
  await cleanup();
  return result;
}

/**
 * Yields `items`, then runs `cleanup`, also if the reader stops early.
 * @throws the error of `items`; if `items` succeeds, the error of `cleanup`
 */
export async function* yieldWithCleanup<T>(
  items: AsyncIterable<T>,
  cleanup: () => Promise<unknown>,
): AsyncGenerator<T, void, void> {
  let failed = false;
  try {
    yield* items;
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    await (failed ? attempt(cleanup) : cleanup());
  }
}
