// The ring of bytes between two threads. Both ends are in one thread here: the owner's end never blocks, and the thread's end is
// only called when it does not have to wait.

import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { OwnerEnd } from '../../../../../src/storage/diff/thread/owner-end.ts';
import { CAPACITY, Ring, ringMemory } from '../../../../../src/storage/diff/thread/ring.ts';
import { ThreadEnd } from '../../../../../src/storage/diff/thread/thread-end.ts';
import { holdsAsync } from '../../../../support/arbitraries/runs.ts';

/** Bytes whose order shows. */
const bytesFrom = (start: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => ((start + i) * 7919) % 251));

const twoEnds = (memory = ringMemory()) => {
  const ring = new Ring(memory);
  const owner = new OwnerEnd(ring, (promise) => promise);
  return { ring, owner, thread: new ThreadEnd(ring, () => owner.woken()) };
};

/** Waits for bytes, so that a thread's end does not block. */
async function somethingIn(ring: Ring): Promise<void> {
  while (ring.filled === 0) await setImmediate();
}

/** Passes bytes through a ring and returns what arrives. */
type Pass = (ends: ReturnType<typeof twoEnds>, sent: Buffer) => Promise<readonly Buffer[]>;

const toThread: Pass = async ({ ring, owner, thread }, sent) => {
  const writing = owner.write(sent);
  const parts: Buffer[] = [];
  for (let got = 0; got < sent.length; got += parts.at(-1)!.length) {
    await somethingIn(ring);
    parts.push(Buffer.from(thread.pull()!));
  }
  await writing;
  return parts;
};

const toOwner: Pass = async ({ ring, owner, thread }, sent) => {
  for (let at = 0; at < sent.length; ) {
    at += thread.fill(sent.length - at, (into) => sent.copy(into, 0, at));
  }
  const parts: Buffer[] = [];
  while (ring.filled > 0) parts.push((await owner.read())!);
  return parts;
};

const anySizes = fc.array(fc.integer({ min: 1, max: CAPACITY }), { maxLength: 8 });
/** Counters, some of which overflow soon. */
const anyStart = fc.constantFrom(0, 2 ** 31 - 10, -10);

for (const [title, pass] of Object.entries({ toThread, toOwner })) {
  test(`${title}: bytes arrive as they were sent, across every edge of the memory`, (t) =>
    holdsAsync(
      t,
      fc.asyncProperty(anyStart, anySizes, async (start, sizes) => {
        const memory = ringMemory();
        memory.state.fill(start, 0, 2);
        const ends = twoEnds(memory);
        let done = 0;
        for (const size of sizes) {
          const sent = bytesFrom(done, size);
          t.true(Buffer.concat(await pass(ends, sent)).equals(sent));
          done += size;
        }
      }),
      20,
    ));
}

test('a thread and its owner see the end', async (t) => {
  const { owner, thread } = twoEnds();
  t.true(await owner.write(Buffer.from('the end')));
  owner.end();
  t.deepEqual(thread.pull(), Buffer.from('the end'));
  t.is(thread.pull(), undefined);
  owner.over();
  t.is(await owner.read(), undefined);
});

test('an owner waits until the thread has made room', async (t) => {
  const { ring, owner, thread } = twoEnds();
  await owner.write(Buffer.alloc(CAPACITY));
  t.is(ring.room, 0);
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
  const { owner } = twoEnds();
  await owner.write(Buffer.alloc(CAPACITY));
  const writing = owner.write(Buffer.alloc(1));
  owner.over();
  t.false(await writing);
});

test('a cancelled thread neither reads nor writes', async (t) => {
  const { owner, thread } = twoEnds();
  await owner.write(Buffer.alloc(10));
  thread.checkpoint();
  owner.cancel();
  t.throws(thread.checkpoint, { message: 'cancelled' });
  t.throws(thread.pull, { message: 'cancelled' });
  t.throws(() => thread.fill(1, () => 1), { message: 'cancelled' });
});
