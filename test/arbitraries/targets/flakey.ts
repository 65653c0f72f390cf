import fc from 'fast-check';
import type { ByteCorruption, FlakeyParams } from '../../../src/index.ts';
import { anyDevice, anyExtra, anyRecord, anySectors, anyU32From, set } from './words.ts';

const anyCorruption: fc.Arbitrary<ByteCorruption> = fc.record(
  {
    nth: anyU32From(1),
    direction: fc.constantFrom('r' as const, 'w' as const),
    value: fc.nat(255),
    flags: anyU32From(0),
  },
  { noNullPrototype: true },
);

const HALF = 2 ** 31 - 1;

/** Parameters of a flakey target: no feature without what goes with it. */
export const anyFlakey: fc.Arbitrary<FlakeyParams> = anyRecord<FlakeyParams, keyof FlakeyParams>(
  {
    device: anyDevice,
    offset: anySectors,
    upSeconds: fc.nat(HALF),
    downSeconds: fc.integer({ min: 1, max: HALF }),
    errorReads: set,
    dropWrites: set,
    errorWrites: set,
    corruptByte: anyCorruption,
    randomReadCorrupt: fc.nat(1_000_000_000),
    randomWriteCorrupt: fc.nat(1_000_000_000),
    extra: anyExtra,
  },
  ['device', 'offset', 'upSeconds', 'downSeconds'],
).filter(
  ({ dropWrites = false, errorWrites = false, corruptByte, randomWriteCorrupt = 0 }) =>
    !(dropWrites && errorWrites) &&
    !((dropWrites || errorWrites) && (corruptByte?.direction === 'w' || randomWriteCorrupt > 0)),
);
