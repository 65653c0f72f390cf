// Binds the process to one processor of an emulated machine.

import { execFileSync } from 'node:child_process';

/**
 * Bind this process to one processor. With emulated processors, the garbage collector spends most of its time notifying
 * the others of every page that it frees.
 */
export function stayOnOneProcessor(): void {
  const args = ['--all-tasks', '--cpu-list', '--pid', '0', String(process.pid)];
  execFileSync('taskset', args, { stdio: 'ignore' });
}
