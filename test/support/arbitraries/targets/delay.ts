import fc from 'fast-check';
import type { DelayedPath, DelayParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord, anySectors, anyU32From } from './words.ts';

const anyPath = anyRecord<DelayedPath, keyof DelayedPath>(
  { device: anyDevice, offset: anySectors, delayMs: anyU32From(0) },
  ['device', 'offset', 'delayMs'],
);

/** Parameters of a delay target. */
export const anyDelay: fc.Arbitrary<DelayParams> = fc.oneof(
  fc.record({ read: anyPath }, { noNullPrototype: true }),
  fc.record({ read: anyPath, write: anyPath }, { noNullPrototype: true }),
  fc.record({ read: anyPath, write: anyPath, flush: anyPath }, { noNullPrototype: true }),
);
