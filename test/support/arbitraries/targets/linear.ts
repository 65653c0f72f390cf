import type fc from 'fast-check';
import type { LinearParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord, anySectors } from './words.ts';

/** Parameters of a linear target. */
export const anyLinear: fc.Arbitrary<LinearParams> = anyRecord<LinearParams, keyof LinearParams>(
  { device: anyDevice, offset: anySectors },
  ['device', 'offset'],
);
