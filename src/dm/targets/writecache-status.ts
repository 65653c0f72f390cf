// The status of a writecache: 4 numbers, 14 from version 1.6 on.
// Source: Documentation/admin-guide/device-mapper/writecache.rst.

import type { Blocks } from '../units.ts';
import { Words } from './words.ts';

/** What a writecache has done since it was loaded, or since `clear_stats`, in blocks. */
export interface WritecacheCounters {
  readonly reads: bigint;
  readonly readHits: bigint;
  readonly writes: bigint;
  /** Writes of a block that was in the cache and not committed yet. */
  readonly writeHitsUncommitted: bigint;
  /** Writes of a block that was in the cache and committed. */
  readonly writeHitsCommitted: bigint;
  /** Writes past the cache. */
  readonly writesAround: bigint;
  /** Writes that took a new block of the cache. */
  readonly writesAllocate: bigint;
  /** Writes that had to wait for a free block. */
  readonly writesBlocked: bigint;
  /** Requests to flush. */
  readonly flushes: bigint;
  readonly discards: bigint;
}

/** Status of a writecache target. */
export interface WritecacheStatus {
  /** 0 as long as nothing has gone wrong. */
  readonly error: number;
  /** Blocks of the cache. */
  readonly blocks: Blocks<'cache'>;
  readonly freeBlocks: Blocks<'cache'>;
  /** Blocks that are being written back. */
  readonly writebackBlocks: Blocks<'cache'>;
  /** Absent before version 1.6. */
  readonly counters: WritecacheCounters | undefined;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

const readCounters = (words: Words): WritecacheCounters => ({
  reads: words.u64('reads'),
  readHits: words.u64('read hits'),
  writes: words.u64('writes'),
  writeHitsUncommitted: words.u64('uncommitted write hits'),
  writeHitsCommitted: words.u64('committed write hits'),
  writesAround: words.u64('writes around'),
  writesAllocate: words.u64('writes allocate'),
  writesBlocked: words.u64('writes blocked'),
  flushes: words.u64('flushes'),
  discards: words.u64('discards'),
});

/** @throws ReplyError naming the word that does not fit */
export function parseWritecacheStatus(text: string): WritecacheStatus {
  const words = new Words(text, 'writecache status');
  return {
    error: words.integer('error'),
    blocks: words.u64('blocks'),
    freeBlocks: words.u64('free blocks'),
    writebackBlocks: words.u64('blocks under writeback'),
    counters: words.more ? readCounters(words) : undefined,
    extra: words.rest(),
  };
}
