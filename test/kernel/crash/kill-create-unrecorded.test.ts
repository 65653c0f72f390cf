// Kills a process at each system call of one operation: create beside an unrecorded thin device.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('create beside an unrecorded thin device');
