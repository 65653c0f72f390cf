// A sample of the fault matrix: one errno of each call. `npm run test:faults` runs the whole matrix.

import test from 'ava';
import { assertMatrix } from '../../support/faults/assert-matrix.ts';
import { THINS } from '../../support/faults/pool-operations.ts';
import { RealPool } from '../../support/faults/pool-subject.ts';
import { LAYERS } from '../../support/faults/storage-operations.ts';
import { StorageSubject } from '../../support/faults/storage-subject.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

const ONE = { modes: ['refused'], perCall: 1 } as const;

for (const operation of LAYERS.filter(({ title }) =>
  ['create a child of a mounted layer', 'mount', 'remove'].includes(title),
)) {
  test(operation.title, async (t) => {
    await assertMatrix(t, await StorageSubject.make(t), operation, ONE);
  });
}

for (const operation of THINS.filter(({ title }) => title.startsWith('createSnap'))) {
  test(operation.title, async (t) => {
    await assertMatrix(t, await RealPool.make(t), operation, ONE);
  });
}

test('nothing is left', assertNothingLeft);
