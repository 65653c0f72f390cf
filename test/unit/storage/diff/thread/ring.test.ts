// The ring of bytes between two threads. Both ends are in one thread here: the owner's end never blocks, and the thread's end is
// only called when it does not have to wait.

import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { OwnerEnd } from '../../../../../src/storage/diff/thread/owner-end.ts';
import {
  CAPACITY,
  filled,
  makeRing,
  type Ring,
  room,
} from '../../../../../src/storage/diff/thread/ring.ts';
import { ThreadEnd } from '../../../../../src/storage/diff/thread/thread-end.ts';
import { holdsAsync } from '../../../../support/arbitraries/runs.ts';

/** Bytes whose order shows. */
const bytesFrom = (start: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => ((start + i) * 7919) % 251));

const twoEnds = (ring: Ring) => {
  const owner = new OwnerEnd(ring, (promise) => promise);
  return { owner, thread: new ThreadEnd(ring, () => owner.woken()) };
};

/** A ring whose counters overflow soon. */
function oldRing(start: number): Ring {
  const ring = makeRing();
  ring.state.fill(start, 0, 2);
  return ring;
}

/** Waits for bytes, so that a thread's end does not block. */
async function somethingIn(ring: Ring): Promise<void> {
  while (filled(ring) === 0) await setImmediate();
}

const anySize = fc.integer({ min: 1, max: CAPACITY });
const anyStart = fc.constantFrom(0, 2 ** 31 - 10, -10);

test('the thread reads what its owner writes, across every edge of the memory', (t) =>
  holdsAsync(
    t,
    fc.asyncProperty(anyStart, fc.array(anySize, { maxLength: 8 }), async (start, sizes) => {
      const ring = oldRing(start);
      const { owner, thread } = twoEnds(ring);
      let done = 0;
      for (const size of sizes) {
        const sent = bytesFrom(done, size);
        const writing = owner.write(sent);
        const parts: Buffer[] = [];
        for (let got = 0; got < size; got += parts.at(-1)!.length) {
          await somethingIn(ring);
          parts.push(Buffer.from(thread.pull()!));
        }
        t.true(Buffer.concat(parts).equals(sent));
        t.true(await writing);
        done += size;
      }
      owner.end();
      t.is(thread.pull(), undefined);
    }),
    20,
  ));

test('the owner reads what the thread writes', (t) =>
  holdsAsync(
    t,
    fc.asyncProperty(anyStart, fc.array(anySize, { maxLength: 8 }), async (start, sizes) => {
      const ring = oldRing(start);
      const { owner, thread } = twoEnds(ring);
      let done = 0;
      for (const size of sizes) {
        const sent = bytesFrom(done, size);
        for (let at = 0; at < size; ) {
          at += thread.fill(size - at, (into) => sent.copy(into, 0, at));
        }
        const parts: Buffer[] = [];
        while (filled(ring) > 0) parts.push((await owner.read())!);
        t.true(Buffer.concat(parts).equals(sent));
        done += size;
      }
      owner.over();
      t.is(await owner.read(), undefined);
    }),
    20,
  ));

test('an owner waits until the thread has made room', async (t) => {
  const ring = makeRing();
  const { owner, thread } = twoEnds(ring);
  await owner.write(Buffer.alloc(CAPACITY));
  t.is(room(ring), 0);
  let isWritten = false;
  const writing = owner.write(Buffer.alloc(1)).then(() => {
    isWritten = true;
  });
  await setImmediate();
  t.false(isWritten);
  for (let i = 0; !isWritten && i < 100; i++) {
    thread.pull();
    await setImmediate();
  }
  await writing;
  t.true(isWritten);
});

test('a thread that has ended reads no more', async (t) => {
  const { owner } = twoEnds(makeRing());
  await owner.write(Buffer.alloc(CAPACITY));
  const writing = owner.write(Buffer.alloc(1));
  owner.over();
  t.false(await writing);
});

test('a cancelled thread neither reads nor writes', async (t) => {
  const { owner, thread } = twoEnds(makeRing());
  await owner.write(Buffer.alloc(10));
  thread.checkpoint();
  owner.cancel();
  t.throws(thread.checkpoint, { message: 'cancelled' });
  t.throws(thread.pull, { message: 'cancelled' });
  t.throws(() => thread.fill(1, () => 1), { message: 'cancelled' });
});
