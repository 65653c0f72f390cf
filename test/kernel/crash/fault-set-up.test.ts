// The fault matrix of the set-up of a storage directory and of its growth.

import test from 'ava';
import { testStorageMatrix } from '../../support/faults/storage-matrix.ts';
import { SET_UP } from '../../support/faults/storage-operations.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

testStorageMatrix(SET_UP);

test('nothing is left', assertNothingLeft);
