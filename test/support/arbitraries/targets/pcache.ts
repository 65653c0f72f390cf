import fc from 'fast-check';
import type { PcacheParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyExtra, anyRecord } from './words.ts';

/** Parameters of a pcache target. */
export const anyPcache: fc.Arbitrary<PcacheParams> = anyRecord<
  PcacheParams,
  'cacheDevice' | 'device'
>(
  {
    cacheDevice: anyDevice,
    device: anyDevice,
    cacheMode: fc.constant('writeback' as const),
    dataCrc: fc.boolean(),
    extra: anyExtra,
  },
  ['cacheDevice', 'device'],
);
