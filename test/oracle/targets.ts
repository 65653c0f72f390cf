// A target of every type, with any parameters it can have.

import fc from 'fast-check';
import { SecretText } from '../../src/dm/secret-text.ts';
import {
  cache,
  clone,
  crypt,
  delay,
  dust,
  ebs,
  era,
  error,
  flakey,
  inlinecrypt,
  integrity,
  linear,
  logWrites,
  mirror,
  multipath,
  type Placement,
  pcache,
  raid,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  striped,
  switchTarget,
  type TargetInput,
  thin,
  thinPool,
  unstriped,
  vdo,
  verity,
  writecache,
  zero,
  zoned,
} from '../../src/index.ts';
import { anyCache } from '../arbitraries/targets/cache.ts';
import { anyClone } from '../arbitraries/targets/clone.ts';
import { anyCrypt } from '../arbitraries/targets/crypt.ts';
import { anyDelay } from '../arbitraries/targets/delay.ts';
import { anyDust } from '../arbitraries/targets/dust.ts';
import { anyEbs } from '../arbitraries/targets/ebs.ts';
import { anyEra } from '../arbitraries/targets/era.ts';
import { anyFlakey } from '../arbitraries/targets/flakey.ts';
import { anyInlinecrypt } from '../arbitraries/targets/inlinecrypt.ts';
import { anyIntegrity } from '../arbitraries/targets/integrity.ts';
import { anyLogWrites } from '../arbitraries/targets/log-writes.ts';
import { anyMirror } from '../arbitraries/targets/mirror.ts';
import { anyMultipath } from '../arbitraries/targets/multipath.ts';
import { anyPcache } from '../arbitraries/targets/pcache.ts';
import { anyRaid } from '../arbitraries/targets/raid.ts';
import { anySnapshot } from '../arbitraries/targets/snapshot.ts';
import { anySnapshotOrigin } from '../arbitraries/targets/snapshot-origin.ts';
import { anySwitch } from '../arbitraries/targets/switch.ts';
import { anyUnstriped } from '../arbitraries/targets/unstriped.ts';
import { anyVdo } from '../arbitraries/targets/vdo.ts';
import { anyVerity } from '../arbitraries/targets/verity.ts';
import { anyDevice, anySectors } from '../arbitraries/targets/words.ts';
import { anyWritecache } from '../arbitraries/targets/writecache.ts';
import { anyZoned } from '../arbitraries/targets/zoned.ts';

const plain = { noNullPrototype: true } as const;

const anyLinear = fc.record({ device: anyDevice, offset: anySectors }, plain);
const anyStriped = fc.record(
  { chunkSize: anySectors, stripes: fc.array(anyLinear, { minLength: 1, maxLength: 5 }) },
  plain,
);
const anyThinId = fc.nat(2 ** 24 - 1);
const anyThin = fc.record(
  { pool: anyDevice, id: anyThinId, externalOrigin: fc.option(anyDevice, { nil: undefined }) },
  plain,
);
const anyThinPool = fc.record(
  {
    metadataDevice: anyDevice,
    dataDevice: anyDevice,
    blockSize: fc.integer({ min: 1, max: 16_384 }).map((units) => units * 128),
    lowWaterMark: anySectors,
    features: fc.subarray([
      'skip_block_zeroing',
      'ignore_discard',
      'no_discard_passdown',
      'error_if_no_space',
    ] as const),
  },
  plain,
);

/** Sectors of one target: fifty of them still end before the kernel's last one. */
export const anyLength: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 48n }),
  fc.constantFrom(1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 48n),
);

/** dmsetup takes a `#` behind the type for the beginning of a comment, wherever it stands. */
export const withoutComment = ({ params = '', ...target }: TargetInput): TargetInput => ({
  ...target,
  params:
    typeof params === 'string'
      ? params.replaceAll('#', '_')
      : new SecretText(params.marked.replaceAll('#', '_'), params.keys),
});

const targets = <P>(
  kind: (target: Placement & P) => TargetInput,
  params: fc.Arbitrary<P>,
): fc.Arbitrary<TargetInput> =>
  fc
    .tuple(anyLength, params)
    .map(([length, params]) => withoutComment(kind({ length, ...params })));

/** Targets by the kernel's names. */
export const TARGETS: Readonly<Record<string, fc.Arbitrary<TargetInput>>> = {
  cache: targets(cache, anyCache),
  clone: targets(clone, anyClone),
  crypt: targets(crypt, anyCrypt),
  delay: targets(delay, anyDelay),
  dust: targets(dust, anyDust),
  ebs: targets(ebs, anyEbs),
  era: targets(era, anyEra),
  error: targets(error, fc.constant({})),
  flakey: targets(flakey, anyFlakey),
  inlinecrypt: targets(inlinecrypt, anyInlinecrypt),
  integrity: targets(integrity, anyIntegrity),
  linear: targets(linear, anyLinear),
  'log-writes': targets(logWrites, anyLogWrites),
  mirror: targets(mirror, anyMirror),
  multipath: targets(multipath, anyMultipath),
  pcache: targets(pcache, anyPcache),
  raid: targets(raid, anyRaid),
  snapshot: targets(snapshot, anySnapshot),
  'snapshot-merge': targets(snapshotMerge, anySnapshot),
  'snapshot-origin': targets(snapshotOrigin, anySnapshotOrigin),
  striped: targets(striped, anyStriped),
  switch: targets(switchTarget, anySwitch),
  thin: targets(thin, anyThin),
  'thin-pool': targets(thinPool, anyThinPool),
  unstriped: targets(unstriped, anyUnstriped),
  vdo: targets(vdo, anyVdo),
  verity: targets(verity, anyVerity),
  writecache: targets(writecache, anyWritecache),
  zero: targets(zero, fc.constant({})),
  zoned: targets(zoned, anyZoned),
};
