// The fault matrix of the operations on layers.

import test from 'ava';
import { testStorageMatrix } from '../../support/faults/storage-matrix.ts';
import { LAYERS } from '../../support/faults/storage-operations.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

testStorageMatrix(LAYERS);

test('nothing is left', assertNothingLeft);
