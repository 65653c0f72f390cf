// Kills a process at each system call of one operation: create beside an untracked thin device.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('create beside an untracked thin device');
