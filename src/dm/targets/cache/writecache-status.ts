// The status of a writecache: 4 numbers, 14 since version 1.6.
// Source: Documentation/admin-guide/device-mapper/writecache.rst.

import type { Blocks } from '../../text/units.ts';
import { Words } from '../words/words.ts';

/** Statistics of a writecache in blocks, since its load or the last `clear_stats`. */
export interface WritecacheCounters {
  readonly reads: bigint;
  readonly readHits: bigint;
  readonly writes: bigint;
  /** Writes of a block that was in the cache and uncommitted. */
  readonly writeHitsUncommitted: bigint;
  /** Writes of a block that was in the cache and committed. */
  readonly writeHitsCommitted: bigint;
  /** Writes that bypassed the cache. */
  readonly writesAround: bigint;
  /** Writes that allocated a block of the cache. */
  readonly writesAllocate: bigint;
  /** Writes that waited for a free block. */
  readonly writesBlocked: bigint;
  /** Flush requests. */
  readonly flushes: bigint;
  readonly discards: bigint;
}

/** Status of a writecache target. */
export interface WritecacheStatus {
  /** The errno of an error of the cache; 0 if none occurred. */
  readonly error: number;
  /** Size of the cache in blocks. */
  readonly blocks: Blocks<'cache'>;
  readonly freeBlocks: Blocks<'cache'>;
  /** Blocks that are being written back. */
  readonly writebackBlocks: Blocks<'cache'>;
  /** `undefined` before version 1.6. */
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

/** Parses a status text. @throws ReplyError naming the invalid word */
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
