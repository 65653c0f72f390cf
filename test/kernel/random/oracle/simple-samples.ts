// Targets without a store, with parameters that fit the disks.

import fc from 'fast-check';
import {
  type DelayedPath,
  type DelayParams,
  delay,
  error,
  type FlakeyParams,
  flakey,
  type LinearParams,
  linear,
  logWrites,
  type SwitchParams,
  striped,
  switchTarget,
  type UnstripedParams,
  unstriped,
  zero,
} from '../../../../src/dm/targets/index.ts';
import { anyDelay } from '../../../support/arbitraries/targets/delay.ts';
import { anyFlakey } from '../../../support/arbitraries/targets/flakey.ts';
import { anyLogWrites } from '../../../support/arbitraries/targets/log-writes.ts';
import { anySwitch } from '../../../support/arbitraries/targets/switch.ts';
import { anyUnstriped } from '../../../support/arbitraries/targets/unstriped.ts';
import {
  anyDevice,
  anyPowerOfTwo,
  anyRecord,
  anySectors,
} from '../../../support/arbitraries/targets/words.ts';
import { known, type Sample, samples, times } from './sample.ts';

const offset = fc.integer({ min: 0, max: 512 }).map((n) => BigInt(n) * 8n);
const place = anyRecord<LinearParams, keyof LinearParams>({ device: anyDevice, offset }, [
  'device',
  'offset',
]);
const wildPlace = anyRecord<LinearParams, keyof LinearParams>(
  { device: anyDevice, offset: anySectors },
  ['device', 'offset'],
);

const delayed = anyRecord<DelayedPath, keyof DelayedPath>(
  { device: anyDevice, offset, delayMs: fc.nat(500) },
  ['device', 'offset', 'delayMs'],
);
const plainDelay = anyRecord<DelayParams, 'read'>(
  { read: delayed, write: delayed, flush: delayed },
  ['read'],
).map(({ flush, ...params }) => ({
  ...params,
  ...(flush !== undefined && params.write !== undefined && { flush }),
}));

/** The same features, with an offset inside the device, and intervals that are not zero. */
const plainFlakey: fc.Arbitrary<FlakeyParams> = fc
  .tuple(anyFlakey, offset, fc.nat(60))
  .map(([{ extra: _, ...params }, at, seconds]) =>
    known({ ...params, offset: at, upSeconds: seconds, downSeconds: 60 - seconds }, [
      'errorReads',
      'randomReadCorrupt',
      'randomWriteCorrupt',
    ]),
  );

const plainSwitch = anyRecord<SwitchParams, 'regionSize' | 'paths'>(
  {
    regionSize: times(8, 32),
    paths: fc.array(place, { minLength: 1, maxLength: 4 }),
    extra: fc.constant([]),
  },
  ['regionSize', 'paths'],
);

const column = anyRecord<UnstripedParams, keyof UnstripedParams>(
  {
    stripes: fc.integer({ min: 1, max: 4 }),
    chunkSize: anyPowerOfTwo(3, 6),
    stripe: fc.nat(3),
    device: anyDevice,
    offset,
  },
  ['stripes', 'chunkSize', 'stripe', 'device', 'offset'],
).map((params) => ({ ...params, stripe: params.stripe % params.stripes }));

const chunks = fc.record(
  { chunkSize: anyPowerOfTwo(3, 7), stripes: fc.array(place, { minLength: 1, maxLength: 4 }) },
  { noNullPrototype: true },
);

/** Samples by the kernel's names. */
export const SIMPLE: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  linear: samples(linear, place, { wild: wildPlace }),
  striped: samples(striped, chunks, {
    length: ({ chunkSize, stripes }) => times(BigInt(chunkSize) * BigInt(stripes.length), 16),
  }),
  zero: samples(zero, fc.constant({})),
  error: samples(error, fc.constant({})),
  delay: samples(delay, plainDelay, { wild: anyDelay }),
  flakey: samples(flakey, plainFlakey, { wild: anyFlakey }),
  unstriped: samples(unstriped, column, {
    length: ({ chunkSize }) => times(BigInt(chunkSize), 16),
    wild: anyUnstriped.map((params) => ({ ...params, chunkSize: 8n })),
  }),
  switch: samples(switchTarget, plainSwitch, { wild: anySwitch }),
  'log-writes': samples(logWrites, anyLogWrites),
};
