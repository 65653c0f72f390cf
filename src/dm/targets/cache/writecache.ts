// writecache: caches writes on a fast device and writes them back to a slow one.
// Source: Documentation/admin-guide/device-mapper/writecache.rst, drivers/md/dm-writecache.c.

import type { Blocks, Bytes, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord } from '../words/checked-words.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import {
  type ExtraWords,
  flag,
  lowerCase,
  OptionSet,
  type OptionTable,
  pair,
  wordFor,
} from '../words/options.ts';
import { integer, u64 } from '../words/word-codecs.ts';
import { deviceWord, type ReportedIn } from '../words/words.ts';
import { powerOfTwoWord, U32_MAX } from '../words/write-words.ts';
import { parseWritecacheStatus, type WritecacheStatus } from './writecache-status.ts';

/** Options of a writecache. */
export interface WritecacheOptions extends ExtraWords {
  /** First sector used of the cache device. @default 0 */
  readonly startSector?: SectorsInput;
  /** Usage of the cache in percent at which writeback starts. @default 50 */
  readonly highWatermark?: number;
  /** Usage of the cache in percent at which writeback stops; at most `highWatermark`. @default 45 */
  readonly lowWatermark?: number;
  /** Maximum number of blocks in writeback at a time. @default no limit */
  readonly writebackJobs?: number;
  /** Number of blocks written without a flush before an automatic commit. @default 64 for `'p'`, 65536 for `'s'` */
  readonly autocommitBlocks?: Blocks<'cache', number>;
  /** Milliseconds without a flush before an automatic commit: at most 3600000. @default 1000 */
  readonly autocommitTimeMs?: number;
  /** Milliseconds after which a block is written back: at most 86400000. @default no limit */
  readonly maxAgeMs?: number;
  /** Write all blocks back and cache no new ones. @default false */
  readonly cleaner?: boolean;
  /** Write back with FUA (`'fua'`) or with a flush (`'nofua'`); only for `'p'`. @default 'fua' */
  readonly flushing?: 'fua' | 'nofua';
  /** Cache metadata writes only. @default false */
  readonly metadataOnly?: boolean;
  /** Milliseconds for which other I/O pauses writeback: at most 60000; only for `'s'`. @default 3000 */
  readonly pauseWritebackMs?: number;
}

/** Parameters of a writecache target. */
export interface WritecacheParams extends WritecacheOptions {
  /** Type of the cache device: `'p'` for persistent memory, `'s'` for an SSD or any other block device. */
  readonly cacheType: 'p' | 's';
  /** The slow device: a path, or `major:minor`. */
  readonly device: string;
  /** The fast device. For a new cache, zero its first 4 KiB. */
  readonly cacheDevice: string;
  /** Size of a block in bytes: a power of two, from 512 to the size of a memory page. @default 4096 */
  readonly blockSize?: Bytes<number>;
}

/** Parameters of a writecache, read from its table: a newer kernel may have other cache types. */
export type ReportedWritecache = ReportedIn<WritecacheParams, 'cacheType'>;

const percent = integer(0, 100);

const table: OptionTable<WritecacheOptions> = {
  startSector: pair('start_sector', u64),
  highWatermark: pair('high_watermark', percent),
  lowWatermark: pair('low_watermark', percent),
  writebackJobs: pair('writeback_jobs', integer(0, U32_MAX)),
  autocommitBlocks: pair('autocommit_blocks', integer(0, U32_MAX)),
  autocommitTimeMs: pair('autocommit_time', integer(0, 3_600_000)),
  maxAgeMs: pair('max_age', integer(0, 86_400_000)),
  cleaner: flag('cleaner'),
  flushing: wordFor({ fua: 'fua', nofua: 'nofua' }),
  metadataOnly: flag('metadata_only'),
  pauseWritebackMs: pair('pause_writeback', integer(0, 60_000)),
};

const options = new OptionSet<WritecacheOptions>('writecache', table, lowerCase);

const BLOCK_MIN = 512;
/** The largest memory page of any Linux architecture. */
const BLOCK_MAX = 2 ** 18;

function checkTogether(params: WritecacheParams): void {
  const { cacheType, highWatermark: high = 50, lowWatermark: low = 45 } = params;
  const demand = (holds: boolean, field: string, expected: string, received: unknown): void => {
    if (!holds) throw new InputError({ field: `writecache.${field}`, expected, received });
  };
  demand(low <= high, 'lowWatermark', `at most highWatermark, ${high}`, low);
  const { flushing, pauseWritebackMs: pause } = params;
  demand(flushing === undefined || cacheType === 'p', 'flushing', 'no value with "s"', flushing);
  demand(pause === undefined || cacheType === 's', 'pauseWritebackMs', 'no value with "p"', pause);
}

/** The messages of a writecache. */
export interface WritecacheMessages extends Messages {
  /** Writes all blocks back and waits for completion. */
  readonly flush: () => string;
  /** Writes all blocks back at the next suspend, before the load of a table without the cache. */
  readonly flushOnSuspend: () => string;
  /** Writes all blocks back and caches no new ones. */
  readonly cleaner: () => string;
  /** Resets the statistics. Since version 1.6. */
  readonly clearStats: () => string;
}

/** Caches writes on a fast device and writes them back to a slow one. */
export const writecache: TargetKind<
  WritecacheParams,
  WritecacheStatus,
  WritecacheMessages,
  ReportedWritecache
> = targetKind<WritecacheParams, WritecacheStatus, WritecacheMessages, ReportedWritecache>(
  'writecache',
  {
    formatParams: (params: WritecacheParams) => {
      const { cacheType, device, cacheDevice, blockSize = 4096 } = params;
      const fixed = [
        choiceWord(cacheType, 'writecache.cacheType', ['p', 's']),
        deviceWord(device, 'writecache.device'),
        deviceWord(cacheDevice, 'writecache.cacheDevice'),
        powerOfTwoWord(blockSize, 'writecache.blockSize', BLOCK_MIN, BLOCK_MAX),
      ];
      const words = options.format(params);
      checkTogether(params);
      return [...fixed, words.length, ...words].join(' ');
    },
    readParams: (words) => {
      const params = {
        cacheType: words.known('cache type', ['p', 's']),
        device: words.word('device'),
        cacheDevice: words.word('cache device'),
        blockSize: words.count('block size'),
      };
      const found = options.parse(words.lastGroup('option'));
      return { ...params, ...found };
    },
    parseStatus: parseWritecacheStatus,
    messages: {
      flush: () => 'flush',
      flushOnSuspend: () => 'flush_on_suspend',
      cleaner: () => 'cleaner',
      clearStats: () => 'clear_stats',
    },
  },
);
