// A clock that advances only when the code under test sleeps: waits take no time, and their lengths are exact.

import { syncBuiltinESMExports } from 'node:module';
import timers, { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';

/** The clock of a test. */
export interface FakeClock {
  /** Milliseconds since the setup. */
  readonly now: () => number;
  /** The lengths of the sleeps so far, in milliseconds. */
  readonly sleeps: readonly number[];
}

/** Replace a property with `value`. @returns a function that restores it */
function replace(object: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else Reflect.deleteProperty(object, name);
  };
}

/**
 * Replace `setTimeout` of node:timers/promises, `Date.now` and `performance.now` of this process until the test ends. Use
 * it in `test.serial`, for code with one sleep at a time. `onSleep` is called at the start of a sleep with the number of
 * previous sleeps; the sleep ends when the returned promise is settled.
 */
export function fakeClock(
  t: ExecutionContext,
  onSleep: (before: number) => void | Promise<void> = () => undefined,
): FakeClock {
  const sleeps: number[] = [];
  let now = 0;

  async function sleep<T>(
    ms = 1,
    value?: T,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<T | undefined> {
    await onSleep(sleeps.push(ms) - 1);
    await nextTurn();
    if (signal?.aborted) throw new DOMException('The operation was aborted', 'AbortError');
    now += ms;
    return value;
  }

  const real = Date.now();
  const undo = [
    replace(timers, 'setTimeout', sleep),
    replace(Date, 'now', () => real + now),
    replace(performance, 'now', () => now),
  ];
  // Updates the named imports of the builtin module.
  syncBuiltinESMExports();
  t.teardown(() => {
    for (const put of undo) put();
    syncBuiltinESMExports();
  });
  return { now: () => now, sleeps };
}
