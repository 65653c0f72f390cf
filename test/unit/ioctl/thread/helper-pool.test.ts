// The pool of helper threads, with threads that do nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import {
  HelperPool,
  type PooledEvents,
  type PooledThread,
} from '../../../../src/ioctl/thread/helper-pool.ts';
import { makeLoadTurns } from '../../../../src/ioctl/thread/load-turns.ts';
import { until } from '../../../support/until.ts';

interface FakeThread extends PooledThread {
  readonly number: number;
  readonly events: PooledEvents;
}

const broken = new Error('no more threads');

/** A pool whose threads load at once, up to `most`. */
function fakePool({ most = 100, stay = 0, surplusMs = 20 } = {}) {
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
    stay,
    surplusMs,
  });
  return { pool, alive };
}

test('a task learns why there is no thread', async (t) => {
  const { pool } = fakePool({ most: 0 });
  t.is(await t.throwsAsync(pool.take(undefined)), broken);
  t.is(await t.throwsAsync(pool.run(async () => undefined, undefined)), broken);
});

test('tasks wait for the threads that there are if no more can be started', async (t) => {
  const { pool, alive } = fakePool({ most: 2 });
  const first = await pool.take(undefined);
  const second = await pool.take(undefined);
  const waiting = [pool.take(undefined), pool.take(undefined)];
  // Long enough for attempts to start another one.
  await sleep(300);
  t.is(alive.size, 2);
  pool.free(first);
  t.is(await waiting[0], first);
  pool.free(second);
  t.is(await waiting[1], second);
});

test('the last thread that ends rejects the tasks that nobody can run', async (t) => {
  const { pool, alive } = fakePool({ most: 1 });
  const only = await pool.take(undefined);
  const waiting = pool.take(undefined);
  // It still counts as alive here, so that no other one can be started.
  only.events.onEnd(new Error('it has ended'));
  t.is(await t.throwsAsync(waiting), broken);
  t.is(alive.size, 1);
});

test('more and more threads start while no task ends', async (t) => {
  const { pool, alive } = fakePool();
  const held = Array.from({ length: 4 }, () => pool.take(undefined));
  await Promise.all(held);
  const waiting = Array.from({ length: 7 }, () => pool.take(undefined));
  const seen: number[] = [];
  await until('a thread for each task', () => {
    if (seen.at(-1) !== alive.size) seen.push(alive.size);
    return alive.size === 11;
  });
  await Promise.all(waiting);
  // One more, then two, then four.
  t.deepEqual(seen, [4, 5, 7, 11]);
});

test('a thread that is used again stays, and one that idles ends', async (t) => {
  const { pool, alive } = fakePool({ surplusMs: 200 });
  const first = await pool.take(undefined);
  for (let i = 0; i < 8; i++) {
    pool.free(first);
    await sleep(50);
    t.is(await pool.take(undefined), first);
  }
  pool.free(first);
  await until('the end of the thread', () => alive.size === 0);
  t.is((await pool.take(undefined)).number, 2);
});

test('an aborted wait leaves no task behind', async (t) => {
  const { pool } = fakePool({ most: 1 });
  const only = await pool.take(undefined);
  const controller = new AbortController();
  const waiting = pool.take(controller.signal);
  const reason = new Error('not wanted');
  controller.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  pool.free(only);
  t.is(await pool.take(undefined), only);
});
