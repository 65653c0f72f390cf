// Targets that keep a store or metadata, with parameters that fit the disks.

import fc from 'fast-check';
import {
  type CacheParams,
  cache,
  clone,
  type EraParams,
  era,
  type SnapshotParams,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  type ThinPoolParams,
  thin,
  thinPool,
  vdo,
  type WritecacheParams,
  writecache,
  zoned,
} from '../../../../src/dm/targets/index.ts';
import { anyCache } from '../../../support/arbitraries/targets/cache.ts';
import { anyClone } from '../../../support/arbitraries/targets/clone.ts';
import { anyEra } from '../../../support/arbitraries/targets/era.ts';
import { anySnapshotOrigin } from '../../../support/arbitraries/targets/snapshot-origin.ts';
import { anyVdo } from '../../../support/arbitraries/targets/vdo.ts';
import {
  anyDevice,
  anyPowerOfTwo,
  anyRecord,
  set,
} from '../../../support/arbitraries/targets/words.ts';
import { anyWritecache } from '../../../support/arbitraries/targets/writecache.ts';
import { anyZoned } from '../../../support/arbitraries/targets/zoned.ts';
import { runningSuite } from '../../../support/kernel/target-support.ts';
import { POOL } from './place.ts';
import { type Sample, samples, times } from './sample.ts';

/** If discards are enabled, an empty store makes Linux 7.x divide by zero and hang. */
const DISCARDS = runningSuite === 'sid' ? {} : { discardZeroesCow: true };

const plainSnapshot: fc.Arbitrary<SnapshotParams> = anyRecord<
  Omit<SnapshotParams, 'extra' | 'discardZeroesCow' | 'discardPassdownOrigin'>,
  'origin' | 'cow' | 'store' | 'chunkSize'
>(
  {
    origin: anyDevice,
    cow: anyDevice,
    store: fc.constantFrom('P', 'PO', 'N'),
    chunkSize: fc.oneof(anyPowerOfTwo(3, 7), fc.constant(0n)),
  },
  ['origin', 'cow', 'store', 'chunkSize'],
)
  .filter(({ store, chunkSize }) => store !== 'N' || chunkSize !== 0n)
  .chain((params) => fc.constantFrom(params, { ...params, ...DISCARDS }));

const plainPool = anyRecord<Omit<ThinPoolParams, 'extra'>, Exclude<keyof ThinPoolParams, 'extra'>>(
  {
    metadataDevice: anyDevice,
    dataDevice: anyDevice,
    blockSize: times(128, 8),
    lowWaterMark: fc.nat(64).map(BigInt),
    features: fc.subarray([
      'skip_block_zeroing',
      'ignore_discard',
      'no_discard_passdown',
      'error_if_no_space',
    ]),
  },
  ['metadataDevice', 'dataDevice', 'blockSize', 'lowWaterMark'],
);

const plainThin = anyRecord<
  { readonly pool: string; readonly id: number; readonly externalOrigin?: string },
  'pool' | 'id'
>({ pool: fc.constant(POOL), id: fc.nat(2), externalOrigin: anyDevice }, ['pool', 'id']);

const plainCache = anyRecord<
  Omit<CacheParams, 'extra'>,
  'metadataDevice' | 'cacheDevice' | 'originDevice' | 'blockSize' | 'policy'
>(
  {
    metadataDevice: anyDevice,
    cacheDevice: anyDevice,
    originDevice: anyDevice,
    blockSize: times(64, 8),
    metadata2: set,
    writeMode: fc.constantFrom('writeback', 'writethrough', 'passthrough'),
    noDiscardPassdown: set,
    policy: fc.constantFrom('smq', 'mq', 'cleaner', 'default'),
    policyArgs: fc.constant([['migration_threshold', '4096']] as const),
  },
  ['metadataDevice', 'cacheDevice', 'originDevice', 'blockSize', 'policy'],
);

const plainEra = anyRecord<EraParams, keyof EraParams>(
  { metadataDevice: anyDevice, device: anyDevice, blockSize: times(8, 64) },
  ['metadataDevice', 'device', 'blockSize'],
);

const plainClone = anyClone.map(({ extra: _, ...params }) => {
  const { extra: _extra, ...core } = params.core ?? {};
  return {
    ...params,
    regionSize: 8n << (BigInt(params.regionSize) % 4n),
    ...(Object.keys(core).length > 0 ? { core } : {}),
  };
});

const plainWritecache = anyRecord<
  Omit<WritecacheParams, 'extra' | 'flushing'>,
  'cacheType' | 'device' | 'cacheDevice' | 'blockSize'
>(
  {
    cacheType: fc.constant('s'),
    device: anyDevice,
    cacheDevice: anyDevice,
    blockSize: anyPowerOfTwo(9, 12).map(Number),
    startSector: times(8, 64),
    highWatermark: fc.integer({ min: 50, max: 100 }),
    lowWatermark: fc.nat(50),
    writebackJobs: fc.nat(100),
    autocommitBlocks: fc.nat(1000),
    autocommitTimeMs: fc.nat(5000),
    maxAgeMs: fc.nat(86_400_000),
    cleaner: set,
    metadataOnly: set,
    pauseWritebackMs: fc.nat(60_000),
  },
  ['cacheType', 'device', 'cacheDevice', 'blockSize'],
);

/** Samples by the kernel's names. */
export const STORES: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  'snapshot-origin': samples(snapshotOrigin, anySnapshotOrigin),
  snapshot: samples(snapshot, plainSnapshot),
  'snapshot-merge': samples(
    snapshotMerge,
    plainSnapshot.filter(({ store }) => store !== 'N'),
  ),
  'thin-pool': samples(thinPool, plainPool, { length: times(1024, 32) }),
  thin: samples(thin, plainThin),
  cache: samples(cache, plainCache, { wild: anyCache }),
  era: samples(era, plainEra, { wild: anyEra }),
  clone: samples(clone, plainClone, { wild: anyClone }),
  writecache: samples(writecache, plainWritecache, { wild: anyWritecache }),
  // These disks are neither zoned nor large enough: the test only compares the errors.
  zoned: samples(zoned, anyZoned),
  vdo: samples(vdo, anyVdo),
};
