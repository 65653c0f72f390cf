// vdo: deduplication and compression. Source: …/device-mapper/vdo.rst, drivers/md/dm-vdo/dm-vdo-target.c.

import { InputError } from '../errors.ts';
import type { Blocks, BlocksInput, Bytes } from '../units.ts';
import { choiceWord, plainWord } from './checked-words.ts';
import { type Messages, type TargetKind, targetKind } from './kind.ts';
import { type ExtraWords, OptionSet, pair } from './options.ts';
import { parseVdoStatus, type VdoStatus } from './vdo-status.ts';
import { integer, onOff, u64, word } from './word-codecs.ts';
import { countWord, deviceWord, u64Word, Words } from './words.ts';
import { U32_MAX } from './write-words.ts';

/** Optional parameters of a vdo volume. The kernel gives them back as they were given. */
export interface VdoOptions extends ExtraWords {
  /** Threads that acknowledge requests: 0 to 100. @default 1 */
  readonly ack?: number;
  /** Threads that write to the device: 1 to 100. @default 4 */
  readonly bio?: number;
  /** Requests for one such thread before it is the next one's turn: 1 to 1024. @default 64 */
  readonly bioRotationInterval?: number;
  /** Threads that hash and compress: 1 to 100. @default 1 */
  readonly cpu?: number;
  /** Threads that compare by hash: 0 to 100. This, `logical` and `physical` are all 0 or none is. @default 0 */
  readonly hash?: number;
  /** Threads for logical blocks: 0 to 60, each with 4096 blocks of the cache. @default 0 */
  readonly logical?: number;
  /** Threads for physical blocks: 0 to 16. @default 0 */
  readonly physical?: number;
  /** Blocks of 4096 bytes in the largest discard. @default 1 */
  readonly maxDiscard?: Blocks<string, number>;
  /** @default true */
  readonly deduplication?: boolean;
  /** @default false */
  readonly compression?: boolean;
  /** GiB of memory for a new volume's index: `'0.25'`, `'0.5'`, `'0.75'`, `'1'`, … From version 9.2. @default '0.25' */
  readonly indexMemory?: string;
  /** A new volume's index covers ten times as much, less densely. From version 9.2. @default false */
  readonly indexSparse?: boolean;
  /** Blocks of a new volume's slabs: a power of two from 8192. From version 9.2. @default 524288 */
  readonly slabSize?: BlocksInput;
}

/** Parameters of a vdo volume, as version 4 of its table has them. */
export interface VdoParams extends VdoOptions {
  /** Where it is stored: a path, or `major:minor`. Formatted by vdoformat, or by version 9.2 if it is blank. */
  readonly device: string;
  /** Size of that device in blocks of 4096 bytes. */
  readonly physicalBlocks: BlocksInput;
  /** Bytes: 512 or 4096. @default 4096 */
  readonly minimumIoSize?: Bytes<512 | 4096>;
  /** Blocks of 4096 bytes for the block map's cache. @default 32768 */
  readonly blockMapCacheBlocks?: Blocks<string, number>;
  /** How lazily the block map is written: 1 to 16380. @default 16380 */
  readonly eraLength?: number;
}

const options = new OptionSet<VdoOptions>('vdo', {
  ack: pair('ack', integer(0, 100)),
  bio: pair('bio', integer(1, 100)),
  bioRotationInterval: pair('bioRotationInterval', integer(1, 1024)),
  cpu: pair('cpu', integer(1, 100)),
  hash: pair('hash', integer(0, 100)),
  logical: pair('logical', integer(0, 60)),
  physical: pair('physical', integer(0, 16)),
  maxDiscard: pair('maxDiscard', integer(1, Math.floor(U32_MAX / 4096))),
  deduplication: pair('deduplication', onOff),
  compression: pair('compression', onOff),
  indexMemory: pair('indexMemory', word),
  indexSparse: pair('indexSparse', onOff),
  slabSize: pair('slabSize', u64),
});

/** Parameters of a vdo volume as its table reads back, which is as it was loaded: the kernel takes older forms too. */
export interface ReportedVdo extends Omit<VdoParams, 'physicalBlocks' | 'minimumIoSize'> {
  /** Absent from version 0, where the kernel asks the device. */
  readonly physicalBlocks?: Blocks;
  /** Bytes. */
  readonly minimumIoSize: Bytes<number>;
  /** Version of the table where that is not 4: 0 to 3. */
  readonly tableVersion?: number;
  /** Words of an older version that the kernel skips: read cache, RAID 5 mode, write policy, name of the pool. */
  readonly skipped?: readonly string[];
}

/** `V3`; version 0 has no such word. */
function takeVersion(words: Words): number {
  if (!/^V\d/.test(words.next ?? '')) return 0;
  const word = words.word('version');
  const version = /^V([1-4])$/.exec(word)?.[1] ?? words.refuse('version', 'V1 to V4', word);
  return Number(version);
}

/** `ack=1,bio=2` of the first two versions, or `.` for none, as the pairs of the later ones. */
const threadPairs = (spec: string): Words =>
  new Words(spec === '.' ? '' : spec.replaceAll(/[,=]/g, ' '), 'vdo');

/** What the kernel of today skips in a table of an older version, by the place it stands in. */
const SKIPPED = {
  /** Whether there is a read cache, and its size. */
  readCache: (version: number): number => (version <= 1 ? 2 : 0),
  /** RAID 5 mode, write policy, name of the pool. */
  policies: (version: number): number => [3, 3, 3, 1][version] ?? 0,
} as const;

function check(params: VdoParams, cacheBlocks: number): void {
  const { hash = 0, logical = 0, physical = 0 } = params;
  const extra = params.extra ?? [];
  const refuse = (field: string, expected: string, received: unknown): never => {
    throw new InputError({ field: `vdo.${field}`, expected, received });
  };
  for (const [field, threads] of Object.entries({ hash, logical, physical })) {
    if ((threads === 0) === (hash + logical + physical === 0)) continue;
    refuse(field, 'hash, logical and physical all 0 or none of them', threads);
  }
  const least = 4096 * Math.max(logical, 1);
  if (cacheBlocks < least) refuse('blockMapCacheBlocks', `at least ${least}`, cacheBlocks);
  if (extra.length % 2 !== 0) refuse('extra', 'pairs of words', extra.length);
}

/** What a vdo volume can be told. EBUSY while it is busy with another message. */
export interface VdoMessages extends Messages {
  /** Answers with its figures. */
  readonly stats: () => string;
  /** Answers with its configuration. */
  readonly config: () => string;
  /** Print its structures to the kernel's log: `'queues'`, `'vdo'`, `'viopool'`, `'all'`. For a volume that hangs. */
  readonly dump: (...what: readonly string[]) => string;
  /** Do so when it is shut down. */
  readonly dumpOnShutdown: () => string;
  /** Compress what is written from now on, or not. */
  readonly compression: (on: boolean) => string;
  /** Change what its index does. */
  readonly index: (change: 'close' | 'create' | 'disable' | 'enable') => string;
}

/** Deduplication and compression. Alone in its table; its length is a multiple of 8 sectors. */
export const vdo: TargetKind<VdoParams, VdoStatus, VdoMessages, ReportedVdo> = targetKind<
  VdoParams,
  VdoStatus,
  VdoMessages,
  ReportedVdo
>('vdo', {
  formatParams: (params: VdoParams) => {
    const { minimumIoSize = 4096, blockMapCacheBlocks = 32_768, eraLength = 16_380 } = params;
    const words = [
      'V4',
      deviceWord(params.device, 'vdo.device'),
      u64Word(params.physicalBlocks, 'vdo.physicalBlocks'),
      choiceWord(String(minimumIoSize), 'vdo.minimumIoSize', ['512', '4096']),
      countWord(blockMapCacheBlocks, 'vdo.blockMapCacheBlocks', 0, U32_MAX),
      countWord(eraLength, 'vdo.eraLength', 1, 16_380),
      ...options.format(params),
    ];
    check(params, blockMapCacheBlocks);
    return words.join(' ');
  },
  readParams: (words) => {
    const version = takeVersion(words);
    const skipped: string[] = [];
    const skip = (count: number): void => {
      for (let i = 0; i < count; i += 1) skipped.push(words.word('skipped word'));
    };
    const device = words.word('device');
    const physicalBlocks = version > 0 ? words.u64('physical blocks') : undefined;
    const minimumIoSize = words.count('minimum I/O size');
    skip(SKIPPED.readCache(version));
    const blockMapCacheBlocks = words.count('block map cache blocks');
    const eraLength = words.count('era length');
    skip(SKIPPED.policies(version));
    const pairs = version <= 1 ? threadPairs(words.word('threads')) : words;
    return {
      device,
      ...(physicalBlocks !== undefined && { physicalBlocks }),
      minimumIoSize,
      blockMapCacheBlocks,
      eraLength,
      ...options.parse(pairs),
      ...(version < 4 && { tableVersion: version, skipped }),
    };
  },
  parseStatus: parseVdoStatus,
  messages: {
    stats: () => 'stats',
    config: () => 'config',
    dump: (...what) => ['dump', ...what.map((word) => plainWord(word, 'what'))].join(' '),
    dumpOnShutdown: () => 'dump-on-shutdown',
    compression: (on) => `compression ${onOff.format(on, 'on')}`,
    index: (change) =>
      `index-${choiceWord(change, 'change', ['close', 'create', 'disable', 'enable'])}`,
  },
});
