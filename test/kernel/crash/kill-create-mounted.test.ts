// Kills a process at each system call of one operation: create from a mounted parent.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('create from a mounted parent');
