import fc from 'fast-check';
import type { EraParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord } from './words.ts';

/** Parameters of an era target. */
export const anyEra: fc.Arbitrary<EraParams> = anyRecord<EraParams, keyof EraParams>(
  {
    metadataDevice: anyDevice,
    device: anyDevice,
    blockSize: fc.integer({ min: 1, max: 2 ** 29 - 1 }).map((eights) => BigInt(eights) * 8n),
  },
  ['metadataDevice', 'device', 'blockSize'],
);
