// A clock that moves only when the code under test sleeps: waits take no time, and their lengths are exact.

import { syncBuiltinESMExports } from 'node:module';
import timers, { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';

/** The clock of a test. */
export interface FakeClock {
  /** Milliseconds since it was set up. */
  readonly now: () => number;
  /** The lengths of the sleeps so far, in milliseconds. */
  readonly sleeps: readonly number[];
}

/** Put `value` in the place of a property. @returns what undoes it */
function replace(object: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else Reflect.deleteProperty(object, name);
  };
}

/**
 * Replace `setTimeout` of node:timers/promises, `Date.now` and `performance.now` of this process until the test ends: use
 * it in `test.serial`, for code that sleeps once at a time. `onSleep` is called when a sleep has begun, with the number of
 * those before it; the sleep ends when what it returns is settled.
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
  // Named imports of a builtin module follow its object only then.
  syncBuiltinESMExports();
  t.teardown(() => {
    for (const put of undo) put();
    syncBuiltinESMExports();
  });
  return { now: () => now, sleeps };
}
