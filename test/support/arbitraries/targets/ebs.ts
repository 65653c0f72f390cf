import type fc from 'fast-check';
import type { EbsParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyPowerOfTwo, anyRecord, anySectors } from './words.ts';

/** Parameters of an ebs target. */
export const anyEbs: fc.Arbitrary<EbsParams> = anyRecord<EbsParams, keyof EbsParams>(
  {
    device: anyDevice,
    offset: anySectors,
    emulatedSize: anyPowerOfTwo(0, 15),
    underlyingSize: anyPowerOfTwo(0, 15),
  },
  ['device', 'offset', 'emulatedSize'],
);
