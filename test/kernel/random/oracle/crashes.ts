// Tables that crash the running kernel; the tests do not load them.

import { runningSuite } from '../../../support/kernel/target-support.ts';

/**
 * Linux 6.1 has a BUG_ON (add_new_range of dm-integrity.c). Some devices with blocks larger than a sector trigger it
 * when their tags are recalculated, for example:
 * `0 1016 integrity 7:0 0 - R … block_size:2048 recalculate reset_recalculate interleave_sectors:512 …`
 */
const recalculatesBlocks = (line: string): boolean =>
  / integrity .* block_size:(?!512( |$)).* (reset_)?recalculate( |$)/.test(line);

/** Whether this line of a table would crash the running kernel. */
export const crashes = (line: string): boolean =>
  runningSuite === 'bookworm' && recalculatesBlocks(line);
