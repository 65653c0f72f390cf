import fc from 'fast-check';
import type { MirrorParams } from '../../../../src/dm/targets/raid/mirror.ts';
import type { MirrorLog, RegionLog } from '../../../../src/dm/targets/raid/mirror-log.ts';
import { anyU64 } from '../values.ts';
import { anyName } from './parts.ts';
import { anyDevice, anyExtra, anyPowerOfTwo, anyRecord, set } from './words.ts';

const regions = anyRecord<RegionLog, keyof RegionLog>(
  { regionSize: anyPowerOfTwo(1, 31), sync: fc.constantFrom('sync', 'nosync'), extra: anyExtra },
  ['regionSize'],
);
const args = fc.oneof(anyExtra, fc.constant([]));

const log: fc.Arbitrary<MirrorLog> = fc.oneof(
  regions.map((of) => ({ type: 'core', ...of }) as const),
  fc.tuple(anyDevice, regions).map(([device, of]) => ({ type: 'disk', device, ...of }) as const),
  fc.tuple(anyName, fc.boolean(), args).map(
    ([uuid, integratedFlush, words]) =>
      ({
        type: 'userspace',
        uuid,
        ...(integratedFlush && { integratedFlush }),
        args: words,
      }) as const,
  ),
  fc
    .tuple(anyName, args)
    .map(([name, words]) => ({ type: 'other', name: `my-${name}`, args: words }) as const),
);

/** Parameters of a mirror. */
export const anyMirror: fc.Arbitrary<MirrorParams> = anyRecord<MirrorParams, keyof MirrorParams>(
  {
    log,
    legs: fc.array(fc.record({ device: anyDevice, offset: anyU64 }, { noNullPrototype: true }), {
      minLength: 2,
      maxLength: 9,
    }),
    handleErrors: set,
    keepLog: set,
    extra: anyExtra,
  },
  ['log', 'legs'],
).map((params) => (params.keepLog ? { ...params, handleErrors: true } : params));
