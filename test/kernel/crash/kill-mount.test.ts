// Kills a process at each system call of this operation: mount.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('mount');
