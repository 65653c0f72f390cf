// The fault matrix of operations of a storage, as tests: one for each operation.

import test from 'ava';
import { checkInvariants } from '../kernel/invariants.ts';
import { assertMatrix } from './assert-matrix.ts';
import { MODES } from './faulty-transport.ts';
import type { LAYERS } from './storage-operations.ts';
import { StorageSubject } from './storage-subject.ts';

/** Declares a test of the whole matrix for each operation. */
export function testStorageMatrix(operations: typeof LAYERS): void {
  for (const operation of operations) {
    test(operation.title, async (t) => {
      t.timeout(1_200_000);
      const subject = await StorageSubject.make(t);
      await assertMatrix(t, subject, operation, { modes: MODES });
      await subject.close();
      subject.release();
      await checkInvariants(t, subject.root, []);
    });
  }
}
