// The power is cut at every flush point of a history, and in random subsets of unflushed writes: pool in files, records on xfs.

import test from 'ava';
import { testFault, testPowerCuts } from '../../support/crash/power-cut-tests.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

const KIND = { pool: 'files', filesystem: 'xfs' } as const;

testPowerCuts(KIND, { subsets: 75 });
testFault(KIND, 'no-directory-sync');

test('nothing is left', assertNothingLeft);
