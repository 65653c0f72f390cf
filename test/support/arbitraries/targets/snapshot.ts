import fc from 'fast-check';
import type { SnapshotParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyExtra, anyPowerOfTwo, anyRecord, set } from './words.ts';

/** Parameters of a snapshot and of a merge. */
export const anySnapshot: fc.Arbitrary<SnapshotParams> = anyRecord<
  SnapshotParams,
  keyof SnapshotParams
>(
  {
    origin: anyDevice,
    cow: anyDevice,
    store: fc.constantFrom('P' as const, 'PO' as const, 'N' as const),
    chunkSize: fc.oneof(fc.constant(0n), anyPowerOfTwo(0, 21)),
    discardZeroesCow: set,
    discardPassdownOrigin: set,
    extra: anyExtra,
  },
  ['origin', 'cow', 'store', 'chunkSize'],
).filter(
  ({ origin, cow, store, chunkSize, discardZeroesCow, discardPassdownOrigin }) =>
    origin !== cow &&
    !(store === 'N' && chunkSize === 0n) &&
    !(discardPassdownOrigin && !discardZeroesCow),
);
