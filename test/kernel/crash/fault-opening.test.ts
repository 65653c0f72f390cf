// The fault matrix of the operations that open and close a storage directory.

import test from 'ava';
import { testStorageMatrix } from '../../support/faults/storage-matrix.ts';
import { OPENING } from '../../support/faults/storage-operations.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

testStorageMatrix(OPENING);

test('nothing is left', assertNothingLeft);
