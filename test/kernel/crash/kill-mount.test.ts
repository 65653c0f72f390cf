// Kills a process at each system call of one operation: mount.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('mount');
