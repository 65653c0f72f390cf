// A sample of the power cuts: `npm run test:power-cut` has all of them.

import test from 'ava';
import { testFault, testPowerCuts } from '../../support/crash/power-cut-tests.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

const KIND = { pool: 'devices', filesystem: 'ext4' } as const;

testPowerCuts(KIND, { oneOf: 12, subsets: 8 });
testFault(KIND, 'no-directory-sync');

test('nothing is left', assertNothingLeft);
