// Which device is meant, in dmsetup's words and in ours.

import fc from 'fast-check';
import { type DeviceRef, makeDev } from '../../src/index.ts';
import { anyName } from './names.ts';

/** A device. */
export interface AnySelector {
  /** Options that select it. */
  readonly options: readonly string[];
  /** Or the argument that does. */
  readonly argument: readonly string[];
  readonly ref: DeviceRef;
}

/** By name. */
export const byName: fc.Arbitrary<AnySelector & { readonly ref: string }> = anyName.map((name) => ({
  options: [],
  argument: [name],
  ref: name,
}));

const byUuid = anyName.map(
  (uuid): AnySelector => ({
    options: ['-u', uuid],
    argument: [],
    ref: { uuid },
  }),
);

const byNumber = fc.tuple(fc.integer({ min: 1, max: 4095 }), fc.nat(1_048_575)).map(
  ([major, minor]): AnySelector => ({
    options: ['-j', String(major), '-m', String(minor)],
    argument: [],
    ref: { dev: makeDev(major, minor) },
  }),
);

/** By name, uuid or device number. */
export const anySelector: fc.Arbitrary<AnySelector> = fc.oneof(byName, byUuid, byNumber);
