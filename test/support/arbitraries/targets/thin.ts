import fc from 'fast-check';
import type { ThinParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord } from './words.ts';

/** Parameters of a thin device. */
export const anyThin: fc.Arbitrary<ThinParams> = anyRecord<ThinParams, 'pool' | 'id'>(
  { pool: anyDevice, id: fc.nat(2 ** 24 - 1), externalOrigin: anyDevice },
  ['pool', 'id'],
);
