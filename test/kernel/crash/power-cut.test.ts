// A sample of the power cuts: `npm run test:power-cut` has all of them.

import test from 'ava';
import { testPowerCuts } from '../../support/crash/power-cut-tests.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

testPowerCuts({ pool: 'devices', filesystem: 'ext4' }, { oneOf: 12, subsets: 8 });

test('nothing is left', assertNothingLeft);
