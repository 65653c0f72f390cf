// Kills a process at each system call of one operation: remove.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('remove');
