// The time at which two layers diverged, if this process knows it.

import test from 'ava';
import { Origins } from '../../../../src/storage/directory/origins.ts';

const layer = (transactionId: bigint) => ({ transactionId });
const [BASE, IMAGE, TOP, ONE, TWO, BELOW, FOREIGN] = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map(layer) as [
  ReturnType<typeof layer>,
  ...ReturnType<typeof layer>[],
];

function origins(): Origins {
  const all = new Origins();
  all.add(IMAGE!, BASE, 100n);
  all.add(TOP!, IMAGE!, 200n);
  all.add(ONE!, TOP!, 300n);
  all.add(TWO!, TOP!, 400n);
  all.add(BELOW!, ONE!, 500n);
  return all;
}

for (const [title, one, other, time] of [
  ['a layer and its parent', ONE, TOP, 300n],
  ['a layer and its grandparent', ONE, IMAGE, 200n],
  ['a layer and the base device', BELOW, BASE, 100n],
  ['siblings', ONE, TWO, 300n],
  ['a layer and the sibling of its parent', BELOW, TWO, 300n],
  ['a layer and itself', ONE, ONE, undefined],
  ['a layer that another process created', FOREIGN, TOP, undefined],
] as const) {
  test(`the time at which two layers diverged: ${title}`, (t) => {
    t.is(origins().snapshotTime(one!, other!), time);
    t.is(origins().snapshotTime(other!, one!), time);
  });
}

test('a clock that is set back does not move a recorded time forward', (t) => {
  const all = origins();
  all.add(BELOW!, ONE!, 50n);
  t.is(all.snapshotTime(BELOW!, TWO!), 50n);
});

test('a removed layer has no time', (t) => {
  const all = origins();
  all.forget(ONE!);
  t.is(all.snapshotTime(BELOW!, TWO!), undefined);
});
