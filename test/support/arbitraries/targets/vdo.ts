import fc from 'fast-check';
import type { VdoParams } from '../../../../src/dm/targets/provisioning/vdo.ts';
import { anyU64 } from '../values.ts';
import { anyDevice, anyExtra, anyRecord } from './words.ts';

const threads = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** hash, logical and physical: all zero or all positive. */
function consistent(params: VdoParams): VdoParams {
  const { hash = 0, logical = 0, physical = 0 } = params;
  if (hash * logical * physical > 0) return params;
  const { hash: _h, logical: _l, physical: _p, ...others } = params;
  return { ...others, ...(params.hash !== undefined && { hash: 0 }) };
}

/** Parameters of a vdo volume. */
export const anyVdo: fc.Arbitrary<VdoParams> = anyRecord<VdoParams, keyof VdoParams>(
  {
    device: anyDevice,
    physicalBlocks: anyU64,
    minimumIoSize: fc.constantFrom(512, 4096),
    blockMapCacheBlocks: fc.integer({ min: 60 * 4096, max: 2 ** 32 - 1 }),
    eraLength: fc.integer({ min: 1, max: 16_380 }),
    ack: threads(0, 100),
    bio: threads(1, 100),
    bioRotationInterval: threads(1, 1024),
    cpu: threads(1, 100),
    hash: threads(0, 100),
    logical: threads(0, 60),
    physical: threads(0, 16),
    maxDiscard: fc.integer({ min: 1, max: 1_048_575 }),
    deduplication: fc.boolean(),
    compression: fc.boolean(),
    indexMemory: fc.constantFrom('0.25', '0.5', '0.75', '1', '1024'),
    indexSparse: fc.boolean(),
    slabSize: anyU64,
    extra: anyExtra.map((words) => words.flatMap((word) => [word, '1'])),
  },
  ['device', 'physicalBlocks', 'minimumIoSize', 'blockMapCacheBlocks', 'eraLength'],
).map(consistent);
