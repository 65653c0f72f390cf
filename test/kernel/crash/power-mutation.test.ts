// A test of the test: the power cuts find a build without the sync of the directory.

import test from 'ava';
import { testFault } from '../../support/crash/power-cut-tests.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

testFault({ pool: 'devices', filesystem: 'ext4' }, 'no-directory-sync');

test('nothing is left', assertNothingLeft);
