// Kills a process at each system call of one operation: shutdown.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('shutdown');
