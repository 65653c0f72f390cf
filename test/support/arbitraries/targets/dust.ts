import type fc from 'fast-check';
import type { DustParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyPowerOfTwo, anyRecord, anySectors } from './words.ts';

/** Parameters of a dust target. */
export const anyDust: fc.Arbitrary<DustParams> = anyRecord<DustParams, keyof DustParams>(
  { device: anyDevice, offset: anySectors, blockSize: anyPowerOfTwo(9, 30).map(Number) },
  ['device', 'offset', 'blockSize'],
);
