// dust: simulates bad sectors. Reads of marked blocks fail.
// Source: Documentation/admin-guide/device-mapper/dm-dust.rst, drivers/md/dm-dust.c.

import type { BlocksInput, Bytes, SectorsInput } from '../../text/units.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { countWord, deviceWord, sectorsWord, u64Word, Words } from '../words/words.ts';
import { powerOfTwoWord } from '../words/write-words.ts';

const BLOCK_MIN = 512;
const BLOCK_MAX = 2 ** 30;

/** Parameters of a dust target. */
export interface DustParams {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
  /** Size of a block in bytes: a power of two from 512 to 1073741824, at most the target's length. @default 512 */
  readonly blockSize?: Bytes<number>;
}

/** Status of a dust target. */
export interface DustStatus {
  /** `major:minor` */
  readonly device: string;
  /** Whether reads of bad blocks fail. If false, all I/O succeeds. */
  readonly failing: boolean;
  /** Whether changes are not logged. */
  readonly quiet: boolean;
  /** Words of a newer kernel that have no field. */
  readonly extra: readonly string[];
}

/** The messages of a dust target. Block numbers count from the beginning of the device below, not of the target. */
export interface DustMessages extends Messages {
  /** Marks a block as bad. Its first `writeFails` writes (0 to 255) fail as well. EINVAL if it is marked already. */
  readonly addBadBlock: (block: BlocksInput, writeFails?: number) => string;
  /** Unmarks a block. EINVAL if it is not marked. */
  readonly removeBadBlock: (block: BlocksInput) => string;
  /** Queries whether a block is marked. `parseDustQuery` parses the reply. */
  readonly queryBlock: (block: BlocksInput) => string;
  /** Queries the number of marked blocks. `parseDustCount` parses the reply. */
  readonly countBadBlocks: () => string;
  /** Queries the marked blocks. `parseDustList` parses the reply. */
  readonly listBadBlocks: () => string;
  /** Unmarks all blocks. `parseDustClear` parses the reply. */
  readonly clearBadBlocks: () => string;
  /** Makes reads of bad blocks fail. */
  readonly enable: () => string;
  /** Lets all I/O succeed, as initially. */
  readonly disable: () => string;
  /** Toggles the logging of changes to the kernel log. */
  readonly toggleQuiet: () => string;
}

const dustMessages: DustMessages = {
  addBadBlock: (block, writeFails) =>
    writeFails === undefined
      ? `addbadblock ${u64Word(block, 'block')}`
      : `addbadblock ${u64Word(block, 'block')} ${countWord(writeFails, 'writeFails', 0, 255)}`,
  removeBadBlock: (block) => `removebadblock ${u64Word(block, 'block')}`,
  queryBlock: (block) => `queryblock ${u64Word(block, 'block')}`,
  countBadBlocks: () => 'countbadblocks',
  listBadBlocks: () => 'listbadblocks',
  clearBadBlocks: () => 'clearbadblocks',
  enable: () => 'enable',
  disable: () => 'disable',
  toggleQuiet: () => 'quiet',
};

/** Simulates bad sectors: reads of marked blocks fail until the block is written. */
export const dust: TargetKind<DustParams, DustStatus, DustMessages> = targetKind<
  DustParams,
  DustStatus,
  DustMessages
>('dust', {
  formatParams: ({ device, offset = 0n, blockSize = BLOCK_MIN }: DustParams) =>
    [
      deviceWord(device, 'dust.device'),
      sectorsWord(offset, 'dust.offset'),
      powerOfTwoWord(blockSize, 'dust.blockSize', BLOCK_MIN, BLOCK_MAX),
    ].join(' '),
  readParams: (words) => ({
    device: words.word('device'),
    offset: words.u64('offset'),
    blockSize: words.count('block size'),
  }),
  parseStatus: (text) => {
    const words = new Words(text, 'dust status');
    return {
      device: words.word('device'),
      failing: words.flag('mode', 'fail_read_on_bad_block', 'bypass'),
      quiet: words.flag('log', 'quiet', 'verbose'),
      extra: words.rest(),
    };
  },
  messages: dustMessages,
});
