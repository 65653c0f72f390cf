// The fault matrix of the operations on a thin pool.

import test from 'ava';
import { assertMatrix } from '../../support/faults/assert-matrix.ts';
import { MODES } from '../../support/faults/faulty-transport.ts';
import { BACKING, THINS } from '../../support/faults/pool-operations.ts';
import { RealPool } from '../../support/faults/pool-subject.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

for (const operation of [...THINS, ...BACKING]) {
  test(operation.title, async (t) => {
    t.timeout(600_000);
    await assertMatrix(t, await RealPool.make(t), operation, { modes: MODES });
  });
}

test('nothing is left', assertNothingLeft);
