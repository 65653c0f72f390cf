// pcache: a write-back cache on persistent memory.
// Source: Documentation/admin-guide/device-mapper/dm-pcache.rst, drivers/md/dm-pcache/dm_pcache.c.

import type { Bytes } from '../units.ts';
import { choiceWord } from './checked-words.ts';
import { type Messages, type TargetKind, targetKind } from './kind.ts';
import { type ExtraWords, type Option, OptionSet, pair } from './options.ts';
import { choice } from './word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, Words } from './words.ts';
import { lastGroupWords } from './write-words.ts';

/** Options of a pcache. */
export interface PcacheOptions extends ExtraWords {
  /** @default 'writeback', the only one so far */
  readonly cacheMode?: 'writeback';
  /** Keep a checksum of every cached piece, and check it when reading. @default false */
  readonly dataCrc?: boolean;
}

/** Parameters of a pcache target. Alone in its table, and never reloaded. */
export interface PcacheParams extends PcacheOptions {
  /** Persistent memory that can be addressed by bytes, such as `/dev/pmem0`. */
  readonly cacheDevice: string;
  /** The device that is cached. */
  readonly device: string;
}

/** A place in the cache: bytes from the beginning of a segment. */
export interface PcachePosition {
  readonly segment: bigint;
  readonly offset: Bytes;
}

/** Status of a pcache target. */
export interface PcacheStatus {
  /** Flags of the superblock. */
  readonly superblockFlags: number;
  /** Segments of 16 MiB that the cache device has. */
  readonly segments: number;
  /** Those of them that are used as cache. */
  readonly cacheSegments: number;
  /** Those of them that are in use now. */
  readonly usedSegments: number;
  /** Per cent in use at which space is reclaimed. */
  readonly gcPercent: number;
  /** Bit 0: checksums of the data; bit 1: initialised; bits 2 to 5: cache mode, 0 for write-back. */
  readonly cacheFlags: number;
  /** Where the next keys are written. */
  readonly keyHead: PcachePosition;
  /** Where the first keys are that are still to be written back. */
  readonly dirtyTail: PcachePosition;
  /** Where the first keys are that may be reclaimed. */
  readonly keyTail: PcachePosition;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** What a pcache can be told. */
export interface PcacheMessages extends Messages {
  /** Reclaim space from so many per cent in use on: 0 to 90. */
  readonly gcPercent: (percent: number) => string;
}

/** The kernel takes `data_crc`, and prints `crc`. */
const checksum: Option<boolean> = {
  format: (value, field) => ['data_crc', choiceWord(String(value), field, ['true', 'false'])],
  take: (found, reader) => {
    if (found !== 'data_crc' && found !== 'crc') return undefined;
    const isOther = !['true', 'false', undefined].includes(reader.ahead());
    return isOther ? undefined : reader.next() === 'true';
  },
};

/** Parameters of a pcache as its table reads back: a newer kernel may have other cache modes. */
export type ReportedPcache = ReportedIn<PcacheParams, 'cacheMode'>;

const options = new OptionSet<PcacheOptions, ReportedPcache>('pcache', {
  cacheMode: pair('cache_mode', choice('writeback')),
  dataCrc: checksum,
});

const GC_PERCENT_MAX = 90;

/** A write-back cache on persistent memory. */
export const pcache: TargetKind<PcacheParams, PcacheStatus, PcacheMessages, ReportedPcache> =
  targetKind<PcacheParams, PcacheStatus, PcacheMessages, ReportedPcache>('pcache', {
    formatParams: (params) => {
      const words = options.format(params);
      return [
        deviceWord(params.cacheDevice, 'pcache.cacheDevice'),
        deviceWord(params.device, 'pcache.device'),
        ...lastGroupWords(words, params),
      ].join(' ');
    },
    readParams: (words) => {
      const params = { cacheDevice: words.word('cache device'), device: words.word('device') };
      const found = options.parse(words.lastGroup('option'));
      return { ...params, ...found };
    },
    parseStatus: (text) => {
      const words = new Words(text, 'pcache status');
      return {
        superblockFlags: words.hex('superblock flags'),
        segments: words.count('segments'),
        cacheSegments: words.count('cache segments'),
        usedSegments: words.count('used segments'),
        gcPercent: words.count('gc percent'),
        cacheFlags: words.hex('cache flags'),
        keyHead: words.position('key head'),
        dirtyTail: words.position('dirty tail'),
        keyTail: words.position('key tail'),
        extra: words.rest(),
      };
    },
    messages: {
      gcPercent: (percent) => `gc_percent ${countWord(percent, 'percent', 0, GC_PERCENT_MAX)}`,
    },
  });
