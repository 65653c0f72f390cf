// Kills a process at each system call of this operation: apply.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('apply');
