// Locks by key: one task per key at a time, in order of arrival. Different keys do not block each other.

import { onAbort } from '../../ioctl/input/on-abort.ts';

/** Locks by key. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /**
   * Runs `task` once no earlier task holds any of `keys`.
   * An abort removes a waiting task from the queues. It does not affect a running task.
   */
  async run<T>(keys: readonly string[], task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { promise: done, resolve: release } = withResolvers();
    // The task joins all of its queues in one step, so that two tasks cannot deadlock.
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

/** Waits for the promise, or rejects with the signal's reason if the abort comes first. */
async function abortable(
  promise: Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  let stopListening: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stopListening = onAbort(signal, () => reject(signal?.reason as Error));
  });
  try {
    await Promise.race(signal ? [promise, aborted] : [promise]);
  } finally {
    stopListening?.();
  }
}
