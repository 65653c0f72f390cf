import fc from 'fast-check';
import type { StripedParams } from '../../../../src/dm/targets/index.ts';
import { anyLinear } from './linear.ts';
import { anySectors } from './words.ts';

/** Parameters of a striped target. */
export const anyStriped: fc.Arbitrary<StripedParams> = fc.record(
  { chunkSize: anySectors, stripes: fc.array(anyLinear, { minLength: 1, maxLength: 5 }) },
  { noNullPrototype: true },
);
