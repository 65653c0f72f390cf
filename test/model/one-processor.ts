// Staying on one processor of an emulated machine.

import { execFileSync } from 'node:child_process';

/**
 * Keep this process to one processor. Where processors are emulated, most of a garbage collector's time
 * goes into telling the others of every page it gives back.
 */
export function stayOnOneProcessor(): void {
  const args = ['--all-tasks', '--cpu-list', '--pid', '0', String(process.pid)];
  execFileSync('taskset', args, { stdio: 'ignore' });
}
