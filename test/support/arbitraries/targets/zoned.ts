import fc from 'fast-check';
import type { ZonedParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord } from './words.ts';

/** Parameters of a zoned target. */
export const anyZoned: fc.Arbitrary<ZonedParams> = anyRecord<ZonedParams, 'devices'>(
  { devices: fc.array(anyDevice, { minLength: 1, maxLength: 4 }) },
  ['devices'],
);
