// Work beside an error: what explains it, and what tidies up after it. Neither ever replaces it.

/**
 * What `look` gives, or `undefined` where it fails, however it fails. For what explains an error: who holds a device,
 * what the kernel log says, how the pool is. The error itself is worth more than any failure to explain it.
 */
export async function attempt<T>(look: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch {
    return undefined;
  }
}

/**
 * Run `task`, then `cleanup`, whatever came of `task`.
 * @throws what `task` threw; only where it succeeded, what `cleanup` threw
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
 * What `items` gives, then `cleanup`, also for a reader that stops early.
 * @throws what `items` threw; only where it did not, what `cleanup` threw
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
