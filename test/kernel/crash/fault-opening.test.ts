// The fault matrix of the operations that open and close a storage directory.

import test from 'ava';
import { assertMatrix } from '../../support/faults/assert-matrix.ts';
import { MODES } from '../../support/faults/faulty-transport.ts';
import { OPENING } from '../../support/faults/storage-operations.ts';
import { StorageSubject } from '../../support/faults/storage-subject.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

for (const operation of OPENING) {
  test(operation.title, async (t) => {
    t.timeout(1_200_000);
    const subject = await StorageSubject.make(t);
    await assertMatrix(t, subject, operation, { modes: MODES });
    await subject.close();
    subject.release();
    await checkInvariants(t, subject.root, []);
  });
}

test('nothing is left', assertNothingLeft);
