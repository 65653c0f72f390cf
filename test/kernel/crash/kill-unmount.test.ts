// Kills a process at each system call of one operation: unmount.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('unmount');
