// pcache: a write-back cache on persistent memory.
// Source: Documentation/admin-guide/device-mapper/dm-pcache.rst, drivers/md/dm-pcache/dm_pcache.c.

import type { Bytes } from '../../text/units.ts';
import { choiceWord } from '../words/checked-words.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { type ExtraWords, type Option, OptionSet, pair } from '../words/options.ts';
import { choice } from '../words/word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, Words } from '../words/words.ts';
import { lastGroupWords } from '../words/write-words.ts';

/** Options of a pcache. */
export interface PcacheOptions extends ExtraWords {
  /** Cache mode. The kernel supports write-back only. @default 'writeback' */
  readonly cacheMode?: 'writeback';
  /** Store a checksum of every cached entry and check it on reads. @default false */
  readonly dataCrc?: boolean;
}

/** Parameters of a pcache target. It must be the only target of its table, and the table cannot be reloaded. */
export interface PcacheParams extends PcacheOptions {
  /** Byte-addressable persistent memory, such as `/dev/pmem0`. */
  readonly cacheDevice: string;
  /** The device to cache. */
  readonly device: string;
}

/** A position in the cache: a segment, and an offset in it in bytes. */
export interface PcachePosition {
  readonly segment: bigint;
  readonly offset: Bytes;
}

/** Status of a pcache target. */
export interface PcacheStatus {
  /** Flags of the superblock. */
  readonly superblockFlags: number;
  /** Number of segments (16 MiB each) of the cache device. */
  readonly segments: number;
  /** Number of segments that serve as cache. */
  readonly cacheSegments: number;
  /** Number of cache segments in use. */
  readonly usedSegments: number;
  /** Usage in percent at which garbage collection starts. */
  readonly gcPercent: number;
  /** Bit 0: data checksums; bit 1: initialized; bits 2 to 5: cache mode, 0 for write-back. */
  readonly cacheFlags: number;
  /** Position at which the next keys are written. */
  readonly keyHead: PcachePosition;
  /** Position of the first keys that are not yet written back. */
  readonly dirtyTail: PcachePosition;
  /** Position of the first keys that can be reclaimed. */
  readonly keyTail: PcachePosition;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** The messages of a pcache target. */
export interface PcacheMessages extends Messages {
  /** Sets the usage in percent at which garbage collection starts: 0 to 90. */
  readonly gcPercent: (percent: number) => string;
}

/** The kernel accepts `data_crc` and prints `crc`. */
const checksum: Option<boolean> = {
  format: (value, field) => ['data_crc', choiceWord(String(value), field, ['true', 'false'])],
  take: (found, reader) => {
    if (found !== 'data_crc' && found !== 'crc') return undefined;
    const isOther = !['true', 'false', undefined].includes(reader.ahead());
    return isOther ? undefined : reader.next() === 'true';
  },
};

/** Parameters of a pcache target, read from its table: a newer kernel may have other cache modes. */
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
