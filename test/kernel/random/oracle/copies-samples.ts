// Targets with several copies, or several paths to one disk, with parameters that fit the disks.

import fc from 'fast-check';
import {
  type MirrorParams,
  type MultipathParams,
  mirror,
  multipath,
} from '../../../../src/dm/targets/index.ts';
import { anyMirror } from '../../../support/arbitraries/targets/mirror.ts';
import {
  anyDevice,
  anyPowerOfTwo,
  anyRecord,
  set,
} from '../../../support/arbitraries/targets/words.ts';
import { raidSamples } from './raid-samples.ts';
import { type Sample, samples, times } from './sample.ts';

const region = {
  regionSize: anyPowerOfTwo(3, 10),
  sync: fc.constantFrom('sync', 'nosync'),
} as const;
const legs = fc.array(
  fc.record({ device: anyDevice, offset: times(8, 64) }, { noNullPrototype: true }),
  { minLength: 2, maxLength: 4 },
);
const log = fc.oneof(
  fc.record(
    { type: fc.constant('core' as const), ...region },
    { requiredKeys: ['type', 'regionSize'], noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('disk' as const), device: anyDevice, ...region },
    { requiredKeys: ['type', 'device', 'regionSize'], noNullPrototype: true },
  ),
);
const plainMirror = anyRecord<Omit<MirrorParams, 'extra'>, 'log' | 'legs'>(
  { log, legs, handleErrors: set, keepLog: set },
  ['log', 'legs'],
).map((params) => (params.keepLog ? { ...params, handleErrors: true } : params));
/** A log in user space waits for a daemon, which does not run here. */
const wildMirror = anyMirror.filter(({ log: { type } }) => type === 'core' || type === 'disk');

const group = fc
  .constantFrom(['round-robin', '1'], ['queue-length', '1'], ['service-time', '1', '1'])
  .chain(([selector = '', ...args]) =>
    fc.array(anyDevice, { minLength: 1, maxLength: 2 }).map((devices) => ({
      selector,
      paths: devices.map((device) => ({ device, args })),
    })),
  );
const plainMultipath = anyRecord<
  Omit<MultipathParams, 'extra' | 'hardwareHandler'>,
  'groups' | 'initialGroup'
>(
  {
    queueIfNoPath: set,
    pgInitRetries: fc.integer({ min: 1, max: 50 }),
    pgInitDelayMsecs: fc.integer({ min: 0, max: 60_000 }),
    retainAttachedHwHandler: set,
    queueMode: fc.constantFrom('bio', 'rq', 'mq'),
    initialGroup: fc.constant(1),
    groups: fc.array(group, { minLength: 1, maxLength: 3 }),
  },
  ['groups', 'initialGroup'],
);

/** Samples by the kernel's names. */
export const COPIES: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  mirror: samples(mirror, plainMirror, { length: times(1024, 8), wild: wildMirror }),
  multipath: samples(multipath, plainMultipath),
  raid: raidSamples,
};
