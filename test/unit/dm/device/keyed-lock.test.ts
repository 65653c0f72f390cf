import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { KeyedLock } from '../../../../src/dm/device/keyed-lock.ts';
import { holdsAsync } from '../../../support/arbitraries/runs.ts';

/** A task that runs until `end` is called. */
interface Held {
  readonly ended: Promise<void>;
  readonly end: () => void;
  readonly began: () => boolean;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function hold(lock: KeyedLock, keys: readonly string[], signal?: AbortSignal): Held {
  let began = false;
  let end = (): void => undefined;
  const release = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ended = lock.run(
    keys,
    () => {
      began = true;
      return release;
    },
    signal,
  );
  return { ended, end: () => end(), began: () => began };
}

/** A lock and its map of queues, which must be empty when no task runs or waits. */
function observedLock(): { readonly lock: KeyedLock; readonly queues: Map<unknown, unknown> } {
  const RealMap = globalThis.Map;
  const made: Map<unknown, unknown>[] = [];
  globalThis.Map = class<K, V> extends RealMap<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      made.push(this as Map<unknown, unknown>);
    }
  } as MapConstructor;
  try {
    const lock = new KeyedLock();
    assert.equal(made.length, 1, 'a lock keeps one map');
    return { lock, queues: made[0]! };
  } finally {
    globalThis.Map = RealMap;
  }
}

test('run returns the result of the task, or rejects with its error', async (t) => {
  const lock = new KeyedLock();
  t.is(await lock.run(['a'], async () => 5), 5);
  const error = new Error('task');
  t.is(await t.throwsAsync(lock.run(['a'], () => Promise.reject(error))), error);
  t.is(
    await t.throwsAsync(
      lock.run(['a'], () => {
        throw error;
      }),
    ),
    error,
  );
  t.is(await lock.run(['a'], async () => 6), 6);
});

test('tasks of one key run in order of arrival', async (t) => {
  const lock = new KeyedLock();
  const order: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4].map((i) =>
      lock.run(['a'], async () => {
        order.push(i);
        await settle();
        order.push(i);
      }),
    ),
  );
  t.deepEqual(order, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
});

test('tasks of different keys do not wait for each other', async (t) => {
  const lock = new KeyedLock();
  const a = hold(lock, ['a']);
  const b = hold(lock, ['b']);
  await settle();
  t.true(a.began() && b.began());
  a.end();
  b.end();
  await Promise.all([a.ended, b.ended]);
});

test('a task with several keys waits for all of them, and later tasks wait for it', async (t) => {
  const lock = new KeyedLock();
  const a = hold(lock, ['a']);
  const both = hold(lock, ['a', 'b']);
  const b = hold(lock, ['b']);
  await settle();
  t.deepEqual([a.began(), both.began(), b.began()], [true, false, false]);
  a.end();
  await settle();
  t.deepEqual([both.began(), b.began()], [true, false]);
  both.end();
  await settle();
  t.true(b.began());
  b.end();
  await Promise.all([a.ended, both.ended, b.ended]);
});

test('keys in opposite order, and the same key twice, do not deadlock', async (t) => {
  const lock = new KeyedLock();
  const results = await Promise.all([
    lock.run(['a', 'b'], async () => 1),
    lock.run(['b', 'a'], async () => 2),
    lock.run(['a', 'a'], async () => 3),
    lock.run([], async () => 4),
  ]);
  t.deepEqual(results, [1, 2, 3, 4]);
});

test('an abort removes the waiting task, and later tasks still wait for earlier ones', async (t) => {
  const { lock, queues } = observedLock();
  const first = hold(lock, ['a']);
  const abort = new AbortController();
  const second = hold(lock, ['a'], abort.signal);
  const third = hold(lock, ['a']);
  await settle();
  const reason = new Error('enough');
  abort.abort(reason);
  t.is(await t.throwsAsync(second.ended), reason);
  t.false(second.began());
  await settle();
  // The first task still holds the key.
  t.false(third.began());
  first.end();
  await settle();
  t.true(third.began());
  third.end();
  await Promise.all([first.ended, third.ended]);
  await settle();
  t.is(queues.size, 0);
});

test('a task with an aborted signal does not run', async (t) => {
  const { lock, queues } = observedLock();
  const reason = new Error('before');
  const task = hold(lock, ['a'], AbortSignal.abort(reason));
  t.is(await t.throwsAsync(task.ended), reason);
  await settle();
  t.false(task.began());
  t.is(queues.size, 0);
});

test('an abort does not affect a running task', async (t) => {
  const lock = new KeyedLock();
  const abort = new AbortController();
  const task = hold(lock, ['a'], abort.signal);
  await settle();
  abort.abort(new Error('late'));
  task.end();
  await t.notThrowsAsync(task.ended);
});

test('run removes its listeners from the signal', async (t) => {
  const lock = new KeyedLock();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  for (let i = 0; i < 20; i++) await lock.run(['a'], async () => i, signal);
  t.is(listeners, 0);
});

// --- against a model ----------------------------------------------------------------------------

interface Plan {
  readonly keys: readonly string[];
  /** The number of turns of the event loop for which the task runs. */
  readonly turns: number;
  readonly fails: boolean;
  /** The number of turns before the abort; `undefined` for no abort. */
  readonly abortAfter: number | undefined;
}

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  keys: fc
    .subarray(['a', 'b', 'c'], { minLength: 1 })
    .chain((keys) => fc.shuffledSubarray(keys, { minLength: keys.length })),
  turns: fc.nat(3),
  fails: fc.boolean(),
  abortAfter: fc.option(fc.nat(6), { nil: undefined }),
});

test('random tasks: one at a time per key, in order of arrival, all end, no queue remains', async (t) => {
  await holdsAsync(
    t,
    fc.asyncProperty(fc.array(anyPlan, { maxLength: 12 }), async (plans) => {
      const { lock, queues } = observedLock();
      const holders = new Map<string, number>();
      const began: number[] = [];
      const outcomes = await Promise.allSettled(
        plans.map(async ({ keys, turns, fails, abortAfter }, i) => {
          const abort = new AbortController();
          if (abortAfter !== undefined) {
            void (async () => {
              for (let turn = 0; turn < abortAfter; turn++) await settle();
              abort.abort(new Error(`abort ${i}`));
            })();
          }
          return lock.run(
            keys,
            async () => {
              for (const key of keys) {
                assert.equal(holders.get(key), undefined, `${i} begins while ${key} is held`);
                holders.set(key, i);
              }
              began.push(i);
              for (let turn = 0; turn < turns; turn++) await settle();
              for (const key of keys) holders.delete(key);
              if (fails) throw new Error(`task ${i}`);
              return i;
            },
            abort.signal,
          );
        }),
      );
      for (const [i, outcome] of outcomes.entries()) {
        const { fails, abortAfter } = plans[i]!;
        if (!began.includes(i)) {
          assert(abortAfter !== undefined, `${i} never ran`);
          assert.equal(outcome.status === 'rejected' && outcome.reason.message, `abort ${i}`);
        } else if (fails) {
          assert.equal(outcome.status === 'rejected' && outcome.reason.message, `task ${i}`);
        } else assert.equal(outcome.status === 'fulfilled' && outcome.value, i);
      }
      for (const [at, i] of began.entries()) {
        const overtaken = began.slice(at).filter((j) => j < i);
        for (const j of overtaken) {
          const shared = plans[i]!.keys.filter((key) => plans[j]!.keys.includes(key));
          assert.deepEqual(shared, [], `${i} came after ${j} and began before it`);
        }
      }
      await settle();
      assert.equal(queues.size, 0);
    }),
    1000,
  );
});
