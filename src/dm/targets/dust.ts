// dust: reads of chosen blocks fail, as on a disk with bad sectors.
// Source: Documentation/admin-guide/device-mapper/dm-dust.rst, drivers/md/dm-dust.c.

import type { BlocksInput, Bytes, SectorsInput } from '../units.ts';
import { type Messages, type TargetKind, targetKind } from './kind.ts';
import { countWord, deviceWord, sectorsWord, u64Word, Words } from './words.ts';
import { powerOfTwoWord } from './write-words.ts';

const BLOCK_MIN = 512;
const BLOCK_MAX = 2 ** 30;

/** Parameters of a dust target. */
export interface DustParams {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
  /** Bytes of a block: a power of two from 512 to 1073741824, not more than the target's length. @default 512 */
  readonly blockSize?: Bytes<number>;
}

/** Status of a dust target. */
export interface DustStatus {
  /** `major:minor` */
  readonly device: string;
  /** Whether reads of bad blocks fail; otherwise everything passes. */
  readonly failing: boolean;
  /** Whether changes go unlogged. */
  readonly quiet: boolean;
  /** Words of a newer kernel that no other field can hold. */
  readonly extra: readonly string[];
}

/** What a dust target can be told. Blocks count from the beginning of the device below, not of the target. */
export interface DustMessages extends Messages {
  /** Mark a block as bad; its first `writeFails` writes (0 to 255) fail, too. EINVAL when it is marked already. */
  readonly addBadBlock: (block: BlocksInput, writeFails?: number) => string;
  /** Unmark a block. EINVAL when it is not marked. */
  readonly removeBadBlock: (block: BlocksInput) => string;
  /** Ask whether a block is marked: the answer is read by `parseDustQuery`. */
  readonly queryBlock: (block: BlocksInput) => string;
  /** Ask how many are: `parseDustCount`. */
  readonly countBadBlocks: () => string;
  /** Ask which ones are: `parseDustList`. */
  readonly listBadBlocks: () => string;
  /** Unmark all: `parseDustClear`. */
  readonly clearBadBlocks: () => string;
  /** Reads of bad blocks fail from now on. */
  readonly enable: () => string;
  /** Everything passes from now on, as at first. */
  readonly disable: () => string;
  /** Stop writing changes to the kernel log, or begin again. */
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

/** Reads of chosen blocks fail, as on a disk with bad sectors; a write mends them. */
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
