// vdo: deduplication and compression. Source: …/device-mapper/vdo.rst, drivers/md/dm-vdo/dm-vdo-target.c.

import type { Blocks, BlocksInput, Bytes } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord, plainWord } from '../words/checked-words.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { type ExtraWords, OptionSet, pair } from '../words/options.ts';
import { integer, onOff, u64, word } from '../words/word-codecs.ts';
import { countWord, deviceWord, u64Word, Words } from '../words/words.ts';
import { U32_MAX } from '../words/write-words.ts';
import { parseVdoStatus, type VdoStatus } from './vdo-status.ts';

/** Optional parameters of a vdo volume. The kernel reports them unchanged. */
export interface VdoOptions extends ExtraWords {
  /** Number of threads that acknowledge requests: 0 to 100. @default 1 */
  readonly ack?: number;
  /** Number of threads that submit I/O to the device: 1 to 100. @default 4 */
  readonly bio?: number;
  /** Number of requests to one `bio` thread before the next one is used: 1 to 1024. @default 64 */
  readonly bioRotationInterval?: number;
  /** Number of threads that hash and compress: 1 to 100. @default 1 */
  readonly cpu?: number;
  /** Number of hash zone threads: 0 to 100. `hash`, `logical` and `physical` are all zero or all positive. @default 0 */
  readonly hash?: number;
  /** Number of logical zone threads: 0 to 60, each with 4096 blocks of the block map cache. @default 0 */
  readonly logical?: number;
  /** Number of physical zone threads: 0 to 16. @default 0 */
  readonly physical?: number;
  /** Maximum size of a discard in blocks of 4096 bytes. @default 1 */
  readonly maxDiscard?: Blocks<string, number>;
  /** @default true */
  readonly deduplication?: boolean;
  /** @default false */
  readonly compression?: boolean;
  /** Memory of a new volume's index in GiB: `'0.25'`, `'0.5'`, `'0.75'`, `'1'`, … Since version 9.2. @default '0.25' */
  readonly indexMemory?: string;
  /** Let a new volume's index cover ten times as much, with sparse entries. Since version 9.2. @default false */
  readonly indexSparse?: boolean;
  /** Size of a new volume's slabs in blocks: a power of two from 8192. Since version 9.2. @default 524288 */
  readonly slabSize?: BlocksInput;
}

/** Parameters of a vdo volume, for version 4 of its table. */
export interface VdoParams extends VdoOptions {
  /** The storage device: a path, or `major:minor`. vdoformat formats it; version 9.2 formats a blank one itself. */
  readonly device: string;
  /** Size of that device in blocks of 4096 bytes. */
  readonly physicalBlocks: BlocksInput;
  /** Minimum I/O size in bytes: 512 or 4096. @default 4096 */
  readonly minimumIoSize?: Bytes<512 | 4096>;
  /** Size of the block map cache in blocks of 4096 bytes. @default 32768 */
  readonly blockMapCacheBlocks?: Blocks<string, number>;
  /** Era length of the block map, 1 to 16380: a longer era delays writes of the block map. @default 16380 */
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

/** Parameters of a vdo volume, read from its table. The kernel reports it as loaded, also in an older version. */
export interface ReportedVdo extends Omit<VdoParams, 'physicalBlocks' | 'minimumIoSize'> {
  /** `undefined` in version 0, where the kernel uses the size of the device. */
  readonly physicalBlocks?: Blocks;
  /** Minimum I/O size in bytes. */
  readonly minimumIoSize: Bytes<number>;
  /** Version of the table, 0 to 3; `undefined` for version 4. */
  readonly tableVersion?: number;
  /** Words of an older version that the kernel ignores: read cache, RAID 5 mode, write policy, name of the pool. */
  readonly skipped?: readonly string[];
}

/** Reads the version, such as `V3`. Version 0 has no such word. */
function takeVersion(words: Words): number {
  if (!/^V\d/.test(words.next ?? '')) return 0;
  const word = words.word('version');
  const version = /^V([1-4])$/.exec(word)?.[1] ?? words.refuse('version', 'V1 to V4', word);
  return Number(version);
}

/** Converts `ack=1,bio=2` (or `.` for none) of the first two versions to the pairs of later versions. */
const threadPairs = (spec: string): Words =>
  new Words(spec === '.' ? '' : spec.replaceAll(/[,=]/g, ' '), 'vdo');

/** Number of words that the kernel ignores in a table of an older version, by their place. */
const SKIPPED = {
  /** Presence and size of the read cache. */
  readCache: (version: number): number => (version <= 1 ? 2 : 0),
  /** RAID 5 mode, write policy, name of the pool. */
  policies: (version: number): number => [3, 3, 3, 1][version] ?? 0,
} as const;

function check(params: VdoParams, cacheBlocks: number): void {
  const { hash = 0, logical = 0, physical = 0 } = params;
  // JavaScript callers may pass null, which means none.
  const extra = params.extra ?? [];
  const refuse = (field: string, expected: string, received: unknown): never => {
    throw new InputError({ field: `vdo.${field}`, expected, received });
  };
  for (const [field, threads] of Object.entries({ hash, logical, physical })) {
    if ((threads === 0) === (hash + logical + physical === 0)) continue;
    refuse(field, 'hash, logical and physical all zero or all positive', threads);
  }
  const least = 4096 * Math.max(logical, 1);
  if (cacheBlocks < least) refuse('blockMapCacheBlocks', `at least ${least}`, cacheBlocks);
  if (extra.length % 2 !== 0) refuse('extra', 'an even number of words', extra.length);
}

/** The messages of a vdo volume. They fail with EBUSY while another message is running. */
export interface VdoMessages extends Messages {
  /** Queries the statistics. */
  readonly stats: () => string;
  /** Queries the configuration. */
  readonly config: () => string;
  /** Dumps structures to the kernel log, to debug a volume that hangs: `'queues'`, `'vdo'`, `'viopool'`, `'all'`. */
  readonly dump: (...what: readonly string[]) => string;
  /** Makes a default dump at the next shutdown. */
  readonly dumpOnShutdown: () => string;
  /** Enables or disables the compression of further writes. */
  readonly compression: (on: boolean) => string;
  /** Close, create, disable or enable the index. */
  readonly index: (change: 'close' | 'create' | 'disable' | 'enable') => string;
}

/** Deduplication and compression. Must be the only target of its table; its length must be a multiple of 8 sectors. */
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
