// The fault matrix of the operations that open, grow and close a storage directory.

import test from 'ava';
import { assertMatrix } from '../../support/faults/assert-matrix.ts';
import { MODES } from '../../support/faults/faulty-transport.ts';
import { OPENING } from '../../support/faults/storage-operations.ts';
import { StorageSubject } from '../../support/faults/storage-subject.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

for (const operation of OPENING) {
  test(operation.title, async (t) => {
    t.timeout(1_200_000);
    await assertMatrix(t, await StorageSubject.make(t), operation, { modes: MODES });
  });
}

test('nothing is left', assertNothingLeft);
