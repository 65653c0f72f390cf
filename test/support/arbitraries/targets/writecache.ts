import fc from 'fast-check';
import type { WritecacheParams } from '../../../../src/dm/targets/index.ts';
import {
  anyDevice,
  anyExtra,
  anyPowerOfTwo,
  anyRecord,
  anySectors,
  anyU32From,
  set,
} from './words.ts';

/** Parameters of a writecache target. */
export const anyWritecache: fc.Arbitrary<WritecacheParams> = anyRecord<
  WritecacheParams,
  keyof WritecacheParams
>(
  {
    cacheType: fc.constantFrom('p' as const, 's' as const),
    device: anyDevice,
    cacheDevice: anyDevice,
    blockSize: anyPowerOfTwo(9, 18).map(Number),
    startSector: anySectors,
    highWatermark: fc.nat(100),
    lowWatermark: fc.nat(100),
    writebackJobs: anyU32From(0),
    autocommitBlocks: anyU32From(0),
    autocommitTimeMs: fc.nat(3_600_000),
    maxAgeMs: fc.nat(86_400_000),
    cleaner: set,
    flushing: fc.constantFrom('fua' as const, 'nofua' as const),
    metadataOnly: set,
    pauseWritebackMs: fc.nat(60_000),
    extra: anyExtra,
  },
  ['cacheType', 'device', 'cacheDevice', 'blockSize'],
).filter(
  ({ cacheType, highWatermark = 50, lowWatermark = 45, flushing, pauseWritebackMs }) =>
    lowWatermark <= highWatermark &&
    (cacheType === 'p' ? pauseWritebackMs === undefined : flushing === undefined),
);
