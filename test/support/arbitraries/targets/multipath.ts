import fc from 'fast-check';
import type { MultipathParams, PathGroup } from '../../../../src/dm/targets/plain/multipath.ts';
import { anyName, anyWord } from './parts.ts';
import { anyDevice, anyExtra, anyRecord, set } from './words.ts';

const words = fc.array(anyWord, { minLength: 1, maxLength: 2 });

/** A group whose paths have the same number of words. */
const group: fc.Arbitrary<PathGroup> = fc.nat(2).chain((count) =>
  anyRecord<PathGroup, keyof PathGroup>(
    {
      selector: fc.constantFrom('round-robin', 'queue-length', 'service-time'),
      selectorArgs: words,
      paths: fc.array(
        fc
          .tuple(anyDevice, fc.array(anyWord, { minLength: count, maxLength: count }))
          .map(([device, args]) => ({ device, ...(count > 0 && { args }) })),
        { minLength: 1, maxLength: 3 },
      ),
    },
    ['selector', 'paths'],
  ),
);

/** Parameters of a multipath target. */
export const anyMultipath: fc.Arbitrary<MultipathParams> = anyRecord<
  MultipathParams,
  keyof MultipathParams
>(
  {
    queueIfNoPath: set,
    pgInitRetries: fc.integer({ min: 1, max: 50 }),
    pgInitDelayMsecs: fc.integer({ min: 0, max: 60_000 }),
    retainAttachedHwHandler: set,
    queueMode: fc.constantFrom('bio', 'rq', 'mq'),
    hardwareHandler: anyRecord<
      { name: string; args?: readonly string[] },
      keyof { name: string; args?: readonly string[] }
    >({ name: anyName, args: words }, ['name']),
    initialGroup: fc.integer({ min: 1, max: 3 }),
    groups: fc.array(group, { maxLength: 3 }),
    extra: anyExtra,
  },
  ['groups', 'initialGroup'],
).map((params) => ({
  ...params,
  initialGroup: Math.min(params.initialGroup ?? 1, params.groups.length),
}));
