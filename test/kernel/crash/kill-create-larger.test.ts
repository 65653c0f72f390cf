// Kills a process at each system call of one operation: create a larger layer.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('create a larger layer');
