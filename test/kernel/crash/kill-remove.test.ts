// Kills a process at each system call of this operation: remove.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('remove');
