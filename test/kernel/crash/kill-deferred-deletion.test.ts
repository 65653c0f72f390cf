// Kills a process at each system call of one operation: deferred deletion.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('deferred deletion');
