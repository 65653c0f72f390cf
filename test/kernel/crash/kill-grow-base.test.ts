// Kills a process at each system call of one operation: grow the base device.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('grow the base device');
