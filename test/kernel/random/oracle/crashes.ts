// Tables that crash the running kernel; the tests do not load them.

import { runningSuite } from '../../../support/kernel/target-support.ts';

/**
 * dm-integrity has a BUG_ON (add_new_range), in Linux 6.1, 6.12 and 7.2. Some devices with blocks larger than a sector
 * trigger it when their tags are recalculated, for example:
 * `0 1016 integrity 7:0 0 - R … block_size:2048 recalculate reset_recalculate interleave_sectors:512 …`
 */
const recalculatesBlocks = (line: string): boolean =>
  / integrity .* block_size:(?!512( |$)).* (reset_)?recalculate( |$)/.test(line);

/** The resync thread of raid4, raid5 or raid6 ends with "Segfault with no mm" in Linux 6.1 as user-mode Linux. */
const resyncs = (line: string): boolean =>
  / raid raid[456]/.test(line) && !/ nosync( |$)/.test(line);

/** Whether this line of a table would crash the running kernel. */
export const crashes = (line: string): boolean =>
  recalculatesBlocks(line) || (runningSuite === 'bookworm' && resyncs(line));
