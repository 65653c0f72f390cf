// What takes the kernel that runs down with it: tables that nobody loads here.

import { runningSuite } from '../../target-support.ts';

/**
 * Linux 6.1 has a BUG_ON (add_new_range of dm-integrity.c) that some devices with blocks of more than a sector meet once their
 * tags are calculated anew: `0 1016 integrity 7:0 0 - R … block_size:2048 recalculate reset_recalculate interleave_sectors:512 …`
 * is one.
 */
const recalculatesBlocks = (line: string): boolean =>
  / integrity .* block_size:(?!512( |$)).* (reset_)?recalculate( |$)/.test(line);

/** Whether the kernel that runs would be lost over this line of a table. */
export const crashes = (line: string): boolean =>
  runningSuite === 'bookworm' && recalculatesBlocks(line);
