// Kills a process at each system call of one operation: create.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('create');
