// The status of a cache target. Source: …/device-mapper/cache.rst, drivers/md/dm-cache-target.c.

import type { Blocks, Sectors } from '../units.ts';
import {
  type CacheFeatures,
  cacheFeatures,
  type PolicyArgs,
  takePolicyArgs,
} from './cache-features.ts';
import { type Reported, Words } from './words.ts';

/** Status of a cache that works. */
export interface WorkingCache {
  readonly state: 'working';
  /** Sectors of a metadata block. */
  readonly metadataBlockSize: Sectors<number>;
  /** In metadata blocks. */
  readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
  /** Sectors of a cache block. */
  readonly blockSize: Sectors;
  /** In cache blocks. */
  readonly cache: { readonly used: Blocks<'cache'>; readonly total: Blocks<'cache'> };
  readonly readHits: bigint;
  readonly readMisses: bigint;
  readonly writeHits: bigint;
  readonly writeMisses: bigint;
  /** Blocks moved out of the cache. */
  readonly demotions: Blocks<'cache'>;
  /** Blocks moved into the cache. */
  readonly promotions: Blocks<'cache'>;
  /** Cache blocks that the origin does not have yet. */
  readonly dirty: Blocks<'cache'>;
  /** Those in force, which may be fewer than those asked for. */
  readonly features: CacheFeatures;
  /** Of the cache itself, not of its policy: `migration_threshold`. */
  readonly coreArgs: PolicyArgs;
  /** The policy's name; `''` on kernels that do not print it. */
  readonly policy: string;
  readonly policyArgs: PolicyArgs;
  /** Whether the metadata can be written; `undefined` on old kernels; the word of a newer kernel as it is. */
  readonly mode: Reported<'rw' | 'ro'> | undefined;
  /** The metadata is damaged: cache_check must see it before it may be written again. */
  readonly needsCheck: boolean;
  /** Words of a newer kernel that no other field can hold. */
  readonly extra: readonly string[];
}

/** Status of a cache: `'fail'` when it is offline, `'error'` when the kernel cannot read its own figures. */
export type CacheStatus = WorkingCache | { readonly state: 'fail' | 'error' };

/** The record of a status. @throws ReplyError naming the word that does not fit */
export function parseCacheStatus(text: string): CacheStatus {
  if (text === 'Fail') return { state: 'fail' };
  if (text === 'Error') return { state: 'error' };
  const words = new Words(text, 'cache status');
  return {
    state: 'working',
    metadataBlockSize: words.count('metadata block size'),
    metadata: words.ratio('metadata blocks'),
    blockSize: words.u64('block size'),
    cache: words.ratio('cache blocks'),
    readHits: words.u64('read hits'),
    readMisses: words.u64('read misses'),
    writeHits: words.u64('write hits'),
    writeMisses: words.u64('write misses'),
    demotions: words.u64('demotions'),
    promotions: words.u64('promotions'),
    dirty: words.u64('dirty blocks'),
    features: cacheFeatures.parse(words.group('feature')),
    coreArgs: takePolicyArgs(words.group('core argument')),
    policy: words.more && !/^\d+$/.test(words.next!) ? words.word('policy') : '',
    policyArgs: takePolicyArgs(words.group('policy argument')),
    mode: words.more ? words.known('mode', ['rw', 'ro']) : undefined,
    needsCheck: words.more && words.flag('check', 'needs_check', '-'),
    extra: words.rest(),
  };
}
