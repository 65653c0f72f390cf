// The status of a cache target. Source: …/device-mapper/cache.rst, drivers/md/dm-cache-target.c.

import type { Blocks, Sectors } from '../../text/units.ts';
import { type Reported, Words } from '../words/words.ts';
import {
  type CacheFeatures,
  cacheFeatures,
  type PolicyArgs,
  takePolicyArgs,
} from './cache-features.ts';

/** Status of a working cache. */
export interface WorkingCache {
  readonly state: 'working';
  /** Size of a metadata block in sectors. */
  readonly metadataBlockSize: Sectors<number>;
  /** Usage in metadata blocks. */
  readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
  /** Size of a cache block in sectors. */
  readonly blockSize: Sectors;
  /** Usage in cache blocks. */
  readonly cache: { readonly used: Blocks<'cache'>; readonly total: Blocks<'cache'> };
  readonly readHits: bigint;
  readonly readMisses: bigint;
  readonly writeHits: bigint;
  readonly writeMisses: bigint;
  /** Blocks moved out of the cache. */
  readonly demotions: Blocks<'cache'>;
  /** Blocks moved into the cache. */
  readonly promotions: Blocks<'cache'>;
  /** Cache blocks that are not yet written to the origin. */
  readonly dirty: Blocks<'cache'>;
  /** The features in effect, which may be fewer than those of the table. */
  readonly features: CacheFeatures;
  /** Arguments of the cache itself, not of its policy: `migration_threshold`. */
  readonly coreArgs: PolicyArgs;
  /** Name of the policy; `''` if the kernel does not report it. */
  readonly policy: string;
  readonly policyArgs: PolicyArgs;
  /** Whether the metadata is writable; `undefined` on old kernels. An unknown word of a newer kernel is kept. */
  readonly mode: Reported<'rw' | 'ro'> | undefined;
  /** The metadata is damaged and must be checked with cache_check before it is written again. */
  readonly needsCheck: boolean;
  /** Words of a newer kernel that have no field. */
  readonly extra: readonly string[];
}

/** Status of a cache: `'fail'` if it is offline, `'error'` if the kernel cannot determine the status. */
export type CacheStatus = WorkingCache | { readonly state: 'fail' | 'error' };

/** Parses a status text. @throws ReplyError naming the invalid word */
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
