// Kills a process at each system call of one operation: close.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('close');
