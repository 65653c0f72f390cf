// What takes the kernel that runs down with it: tables that nobody loads here.

import { runningSuite } from '../../target-support.ts';

/**
 * Linux 6.1 has a BUG_ON (add_new_range of dm-integrity.c) that a device meets which is no whole number of its blocks,
 * once its tags are calculated anew.
 */
function unevenIntegrity(line: string): boolean {
  const [, length = '', type = ''] = line.split(' ');
  const blockSize = Number(/ block_size:(\d+)( |$)/.exec(line)?.[1] ?? 512);
  return (
    type === 'integrity' &&
    / (reset_)?recalculate( |$)/.test(line) &&
    Number(length) % (blockSize / 512) !== 0
  );
}

/** Whether the kernel that runs would be lost over this line of a table. */
export const crashes = (line: string): boolean =>
  runningSuite === 'bookworm' && unevenIntegrity(line);
