// One holder per key at a time, first come first served; keys do not hold up one another.

/** Locks by key. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /**
   * Run `task` once no earlier task holds any of `keys`.
   * Aborting gives up the wait, and the place in the queue with it; a task that runs is its own master.
   */
  async run<T>(keys: readonly string[], task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { promise: done, resolve: release } = withResolvers();
    // All places are taken in one step, so two tasks can never wait for one another.
    const before = [...new Set(keys)].map((key) => {
      const tail = this.#tails.get(key);
      const mine = tail === undefined ? done : Promise.all([tail, done]).then(() => undefined);
      this.#tails.set(key, mine);
      void mine.then(() => {
        if (this.#tails.get(key) === mine) this.#tails.delete(key);
      });
      return tail;
    });
    try {
      await abortable(Promise.all(before), signal);
      return await task();
    } finally {
      release();
    }
  }
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** The promise, or a rejection with the signal's reason if that comes first. */
async function abortable(
  promise: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race(signal ? [promise, aborted] : [promise]);
  } finally {
    if (onAbort) signal?.removeEventListener('abort', onAbort);
  }
}
