import type { BigIntStats } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import type { Directory } from '../../../../../src/storage/diff/tree/directory.ts';
import { findChanges } from '../../../../../src/storage/diff/tree/find-changes.ts';
import { inPieces, PIECE, sortedInPieces } from '../../../../../src/storage/diff/tree/pieces.ts';
import { holdsAsync } from '../../../../support/arbitraries/runs.ts';

/** The number of turns of the event loop during a task. */
async function turnsOf(task: () => Promise<unknown>): Promise<number> {
  let [turns, isRunning] = [0, true];
  const turn = (): void => {
    turns++;
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  await task();
  isRunning = false;
  return turns;
}

test('the pieces are the items, with a turn between two pieces', async (t) => {
  const items = Array.from({ length: 3 * PIECE + 1 }, (_, i) => i);
  const found: number[] = [];
  const turns = await turnsOf(async () => {
    for await (const piece of inPieces(items)) found.push(...piece);
  });
  t.deepEqual(found, items);
  t.true(turns >= 3);
  t.is(await turnsOf(async () => inPieces([]).next()), 0);
});

test('items are sorted as by toSorted, with equal ones in their order', (t) => {
  const anyItems = fc
    .tuple(fc.nat(4 * PIECE), fc.integer({ min: 1, max: 100_000 }), fc.nat())
    .map(([length, range, seed]) =>
      Array.from({ length }, (_, i) => ({ key: ((i + seed) * 7919) % range, i })),
    );
  return holdsAsync(
    t,
    fc.asyncProperty(anyItems, async (items) => {
      const order = (a: { readonly key: number }, b: { readonly key: number }): number =>
        a.key - b.key;
      t.deepEqual(await sortedInPieces(items, order), items.toSorted(order));
    }),
    50,
  );
});

/** A directory of regular files, which answers without a turn of the event loop. */
function filesInMemory(count: number): Directory {
  const stats = { ino: 1n, dev: 1n, mode: 0o100644n, nlink: 1n, size: 1n } as BigIntStats;
  const names = Array.from({ length: count }, (_, i) => `file-${count - i}`);
  const directory = { look: async () => stats, names: async () => names };
  return directory as unknown as Directory;
}

test('other work runs while many changes are sorted', async (t) => {
  const count = 4 * PIECE;
  const turns = await turnsOf(async () => {
    const found = await findChanges({ upper: filesInMemory(count), lower: undefined }, {});
    t.is(found.length, count);
    t.deepEqual(
      found.map(({ path }) => path),
      found.map(({ path }) => path).toSorted(),
    );
  });
  t.true(turns >= 8, `${turns} turns`);
});

test('an abort ends the work before the next piece', async (t) => {
  const items = Array.from({ length: 4 * PIECE }, (_, i) => i);
  const controller = new AbortController();
  let seen = 0;
  const read = async (): Promise<void> => {
    for await (const piece of inPieces(items, controller.signal)) {
      seen += piece.length;
      controller.abort(new Error('stop'));
    }
  };
  await t.throwsAsync(read(), { message: 'stop' });
  t.is(seen, PIECE);
  const sorting = sortedInPieces(items, (a, b) => b - a, controller.signal);
  await t.throwsAsync(sorting, { message: 'stop' });
});
