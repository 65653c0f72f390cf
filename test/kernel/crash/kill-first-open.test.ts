// Kills a process at each system call of one operation: first open.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('first open');
