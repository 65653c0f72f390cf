// The fault matrix of a thin pool on the model kernel. The real kernels: test/kernel/crash/fault-pool.test.ts.

import test from 'ava';
import { assertMatrix } from '../../../support/faults/assert-matrix.ts';
import { MODES } from '../../../support/faults/faulty-transport.ts';
import { THINS } from '../../../support/faults/pool-operations.ts';
import { ModelPool } from '../../../support/faults/pool-subject.ts';

for (const operation of THINS) {
  test.serial(operation.title, async (t) => {
    await assertMatrix(t, await ModelPool.make(), operation, { modes: MODES });
  });
}
