import fc from 'fast-check';
import type { ByteCorruption, FlakeyParams } from '../../../../src/dm/targets/index.ts';
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

/** Parameters of a flakey target with compatible features. */
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
).filter(({ errorReads, dropWrites, errorWrites, corruptByte, ...random }) => {
  const { randomReadCorrupt = 0, randomWriteCorrupt = 0 } = random;
  const readsCorrupted = corruptByte?.direction === 'r' || randomReadCorrupt > 0;
  const writesCorrupted = corruptByte?.direction === 'w' || randomWriteCorrupt > 0;
  const settled = [errorReads && readsCorrupted, (dropWrites || errorWrites) && writesCorrupted];
  return !(dropWrites && errorWrites) && !settled.includes(true);
});
