// Kills a process at each system call of one operation: open.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('open');
