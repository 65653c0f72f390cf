// Kills a process at each system call of this operation: unmount.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('unmount');
