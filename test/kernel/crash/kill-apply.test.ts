// Kills a process at each system call of one operation: apply.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('apply');
