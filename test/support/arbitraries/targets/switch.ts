import fc from 'fast-check';
import type { RegionMapping, SwitchParams, SwitchPath } from '../../../../src/dm/targets/index.ts';
import { anyU64 } from '../values.ts';
import { anyDevice, anyExtra, anyRecord, anySectors, anyU32From } from './words.ts';

const anyPath = anyRecord<SwitchPath, keyof SwitchPath>({ device: anyDevice, offset: anySectors }, [
  'device',
  'offset',
]);

/** Parameters of a switch target. */
export const anySwitch: fc.Arbitrary<SwitchParams> = anyRecord<SwitchParams, keyof SwitchParams>(
  {
    regionSize: anyU32From(1).map(BigInt),
    paths: fc.array(anyPath, { minLength: 1, maxLength: 4 }),
    extra: anyExtra,
  },
  ['regionSize', 'paths'],
);

/** Mappings of its message. */
export const anyMappings: fc.Arbitrary<readonly RegionMapping[]> = fc.array(
  fc.oneof(
    anyRecord<{ readonly region?: bigint; readonly path: number }, 'path'>(
      { region: anyU64, path: anyU32From(0) },
      ['path'],
    ),
    fc.record({ repeat: anyU32From(1), regions: anyU64 }, { noNullPrototype: true }),
  ),
  { minLength: 1, maxLength: 6 },
);

/** A path for each region: few paths, and repeated patterns. */
export const anyPaths: fc.Arbitrary<readonly number[]> = fc
  .array(
    fc.tuple(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 9 })),
    { minLength: 1, maxLength: 6 },
  )
  .map((runs) => runs.flatMap(([pattern, times]) => Array(times).fill(pattern).flat() as number[]));
