// The power is cut at every flush point of a history, and in random subsets of unflushed writes: pool in devices, records on ext4.

import test from 'ava';
import { testFault, testPowerCuts } from '../../support/crash/power-cut-tests.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

const KIND = { pool: 'devices', filesystem: 'ext4' } as const;

testPowerCuts(KIND, { subsets: 75 });
testFault(KIND, 'no-directory-sync');
testFault(KIND, 'late-intent');
testFault(KIND, 'no-content-sync');

test('nothing is left', assertNothingLeft);
