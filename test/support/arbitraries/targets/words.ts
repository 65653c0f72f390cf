// Parts of the parameters of many targets in their parsed form: sectors are bigints, unset options are omitted.

import fc from 'fast-check';
import { anyU64 } from '../values.ts';

/** A device word. */
export const anyDevice: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('7:0', '7:1', '253:16', '/dev/loop0', '/dev/mapper/a-b', '/dev/mapper/a\\x20b'),
  fc.tuple(fc.nat(4095), fc.nat(1048575)).map(([major, minor]) => `${major}:${minor}`),
  fc
    .string({ unit: fc.constantFrom('a', '/', '\\', 'é', '-', ':'), minLength: 1, maxLength: 20 })
    .map((path) => `/${path}`),
);

/** Sectors. */
export const anySectors: fc.Arbitrary<bigint> = anyU64;

/** An unsigned 32-bit number, at least `min`. */
export const anyU32From = (min: number): fc.Arbitrary<number> =>
  fc.oneof(
    { withCrossShrink: true },
    fc.integer({ min, max: min + 5 }),
    fc.integer({ min, max: 0xffffffff }),
    fc.constant(0xffffffff),
  );

/** A power of two from `2 ** min` to `2 ** max`. */
export const anyPowerOfTwo = (min: number, max: number): fc.Arbitrary<bigint> =>
  fc.integer({ min, max }).map((power) => 2n ** BigInt(power));

/** An option that is set. */
export const set: fc.Arbitrary<true> = fc.constant(true);

/** Unknown option words. */
export const anyExtra: fc.Arbitrary<readonly string[]> = fc.array(
  fc.oneof(
    fc.constantFrom('x', 'New_Option', 'key:value', '0', '18446744073709551616', '-', '__proto__'),
    fc.stringMatching(/^[a-z]{1,4}[:_=][0-9]{1,3}$/),
  ),
  { minLength: 1, maxLength: 3 },
);

/** An object in which only the named fields are always present. */
export function anyRecord<T extends object, K extends keyof T>(
  fields: { readonly [P in keyof Required<T>]: fc.Arbitrary<Exclude<T[P], undefined>> },
  requiredKeys: readonly K[],
): fc.Arbitrary<T> {
  return fc.record(fields as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: requiredKeys as readonly string[] as string[],
    noNullPrototype: true,
  }) as unknown as fc.Arbitrary<T>;
}
