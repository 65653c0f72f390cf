import fc from 'fast-check';
import type { ThinPoolParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyExtra, anyRecord, anySectors } from './words.ts';

const FEATURES = [
  'skip_block_zeroing',
  'ignore_discard',
  'no_discard_passdown',
  'read_only',
  'error_if_no_space',
] as const;

/** Parameters of a thin pool. */
export const anyThinPool: fc.Arbitrary<ThinPoolParams> = anyRecord<
  ThinPoolParams,
  Exclude<keyof ThinPoolParams, 'extra'>
>(
  {
    metadataDevice: anyDevice,
    dataDevice: anyDevice,
    blockSize: fc.integer({ min: 1, max: 16_384 }).map((units) => BigInt(units) * 128n),
    lowWaterMark: anySectors,
    features: fc.shuffledSubarray([...FEATURES], { maxLength: 4 }),
    extra: anyExtra,
  },
  ['metadataDevice', 'dataDevice', 'blockSize', 'lowWaterMark', 'features'],
);
