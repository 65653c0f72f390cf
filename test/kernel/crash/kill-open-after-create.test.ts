// Kills a process at each system call of one operation: open after a kill during a create.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('open after a kill during a create');
