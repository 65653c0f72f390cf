// Kills a process at each system call of this operation: open.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('open');
