// Kills a process at each system call of this operation: shutdown.

import { sweepTests } from '../../support/crash/sweep-tests.ts';

sweepTests('shutdown');
