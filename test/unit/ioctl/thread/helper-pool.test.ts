// The pool of helper threads, with threads that do nothing, and a clock that stands still.

import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  HelperPool,
  type PooledEvents,
  type PooledThread,
} from '../../../../src/ioctl/thread/helper-pool.ts';
import { makeLoadTurns } from '../../../../src/ioctl/thread/load-turns.ts';

const { serial } = test;

/** How long tasks wait until more threads start: STARVED_AFTER_MS in helper-pool.ts. */
const STARVED_MS = 100;

interface FakeThread extends PooledThread {
  readonly number: number;
  readonly events: PooledEvents;
}

const broken = new Error('no more threads');

/** Stops the clock until the end of the test. @returns a function that advances it, and lets its timers work */
function stopClock(t: ExecutionContext): (ms: number) => Promise<void> {
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => {
    mock.timers.reset();
    performance.now = now;
  });
  return async (ms) => {
    time += ms;
    mock.timers.tick(ms);
    // The pool looks after a turn of the event loop, and a thread loads in another one.
    for (let i = 0; i < 3; i++) await turn();
  };
}

/** A pool whose threads load at once, up to `most`. */
function fakePool({ most = 100, surplusMs = 200 } = {}) {
  const alive = new Set<FakeThread>();
  const pool = new HelperPool<FakeThread>({
    start: (_, number, events) => {
      if (alive.size === most) throw broken;
      const thread: FakeThread = {
        number,
        events,
        stop: () => undefined,
        close: () => void alive.delete(thread),
      };
      alive.add(thread);
      setImmediate(events.onLoad);
      return thread;
    },
    turns: makeLoadTurns(),
    stay: 0,
    surplusMs,
  });
  /** Begins a task that lasts until `end`. */
  const begin = async (signal?: AbortSignal) => {
    let end = (): void => undefined;
    const thread = await new Promise<FakeThread>((resolve, reject) => {
      const task = (taken: FakeThread): Promise<void> => {
        resolve(taken);
        return new Promise((done) => {
          end = done;
        });
      };
      pool.run(task, signal).catch(reject);
    });
    return {
      thread,
      end: async () => {
        end();
        await turn();
      },
    };
  };
  return { alive, begin };
}

serial('a task fails with the error that prevented its thread', async (t) => {
  const { begin } = fakePool({ most: 0 });
  t.is(await t.throwsAsync(begin()), broken);
});

serial('tasks wait for the threads that there are if no more can be started', async (t) => {
  const pass = stopClock(t);
  const { alive, begin } = fakePool({ most: 2 });
  const [first, second] = [await begin(), await begin()];
  const waiting = [begin(), begin()] as const;
  for (let attempts = 0; attempts < 3; attempts++) await pass(STARVED_MS);
  t.is(alive.size, 2);
  await first.end();
  t.is((await waiting[0]).thread, first.thread);
  await second.end();
  t.is((await waiting[1]).thread, second.thread);
});

serial('the end of the last thread rejects the tasks that nobody can run', async (t) => {
  const { begin } = fakePool({ most: 1 });
  const { thread } = await begin();
  const waiting = begin();
  // It still counts as alive here, so that no other one can be started.
  thread.events.onEnd(new Error('it has ended'));
  t.is(await t.throwsAsync(waiting), broken);
});

serial('more and more threads start while no task ends', async (t) => {
  const pass = stopClock(t);
  const { alive, begin } = fakePool();
  await Promise.all(Array.from({ length: 4 }, () => begin()));
  const waiting = Array.from({ length: 7 }, () => begin());
  const seen: number[] = [alive.size];
  for (let i = 0; i < 3; i++) {
    await pass(STARVED_MS);
    seen.push(alive.size);
  }
  await Promise.all(waiting);
  t.deepEqual(seen, [4, 5, 7, 11]);
});

serial('a thread that is used again stays, and one that idles ends', async (t) => {
  const pass = stopClock(t);
  const { alive, begin } = fakePool({ surplusMs: 200 });
  const first = await begin();
  await first.end();
  await pass(150);
  const again = await begin();
  t.is(again.thread, first.thread);
  await again.end();
  // The first time after which an idle thread would end, and the last millisecond before the second one.
  for (const ms of [50, 149]) {
    await pass(ms);
    t.is(alive.size, 1);
  }
  await pass(1);
  t.is(alive.size, 0);
  t.is((await begin()).thread.number, 2);
});

serial('an aborted wait leaves no task behind', async (t) => {
  const { begin } = fakePool({ most: 1 });
  const only = await begin();
  const controller = new AbortController();
  const waiting = begin(controller.signal);
  const reason = new Error('not wanted');
  controller.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  await only.end();
  t.is((await begin()).thread, only.thread);
});
