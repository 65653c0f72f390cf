import test from 'ava';
import {
  ACKNOWLEDGED,
  cutsAtFlushes,
  inOrder,
  randomCuts,
} from '../../support/crash/power-cuts.ts';
import type { LogEntry } from '../../support/crash/write-log.ts';
import { randomFrom } from '../../support/random.ts';

const NOTHING = { offset: 0, length: 0, flush: false, fua: false, discard: false, mark: undefined };
const entry = (given: Partial<LogEntry>): LogEntry => ({ ...NOTHING, data: 0, ...given });
const write = entry({ length: 512 });
const fua = entry({ length: 512, fua: true });
const flush = entry({ flush: true });
const mark = entry({ mark: `${ACKNOWLEDGED}a step` });
const otherMark = entry({ mark: 'dm-log-writes-end' });

test('a power cut comes at the begin, and after each flush, FUA write and acknowledgement', (t) => {
  const cuts = cutsAtFlushes([write, write, flush, fua, mark, otherMark, write]);
  t.deepEqual(cuts, [
    { certain: 0, lucky: [], random: false, acknowledged: 0 },
    { certain: 3, lucky: [], random: false, acknowledged: 0 },
    { certain: 4, lucky: [], random: false, acknowledged: 0 },
    { certain: 5, lucky: [], random: false, acknowledged: 1 },
  ]);
});

test('a flush without a write before it is no other state', (t) => {
  const cuts = cutsAtFlushes([write, flush, flush, mark, flush]);
  t.deepEqual(
    cuts.map(({ certain }) => certain),
    [0, 2, 4],
  );
});

test('a random cut keeps FUA writes and acknowledgements, and a part of the writes that wait for a flush', (t) => {
  const long = entry({ length: 4096 });
  const entries = [write, flush, mark, fua, long, long, long, flush];
  const cuts = randomCuts(entries, 50, randomFrom(1));
  const sizes = new Set(cuts.map(({ lucky }) => lucky.length));
  t.deepEqual([...sizes].toSorted(), [0, 1, 2, 3]);
  for (const { certain, lucky, acknowledged } of cuts) {
    t.deepEqual({ certain, acknowledged }, { certain: 4, acknowledged: 1 });
    const indexes = lucky.map(({ index }) => index);
    t.true(indexes.every((index) => index >= 4 && index < 7));
    t.deepEqual(indexes, indexes.toSorted());
  }
  const parts = cuts.flatMap(({ lucky }) => lucky).filter(({ from, to }) => to - from < 4096);
  t.true(parts.length > 0);
  t.true(parts.every(({ from, to }) => from % 512 === 0 && to % 512 === 0));
  t.true(parts.every(({ from, to }) => from === 0 || to === 4096));
});

test('a write that waits alone is not cut: the states with and without it are flush points', (t) => {
  t.throws(() => randomCuts([write, flush], 1, randomFrom(1)), { message: /no write waits/ });
});

test('cuts are in the order of a replay', (t) => {
  const cuts = inOrder(
    [5, 2, 9].map((certain) => ({ certain, lucky: [], random: false, acknowledged: 0 })),
  );
  t.deepEqual(
    cuts.map(({ certain }) => certain),
    [2, 5, 9],
  );
});
