// Every target type, with any parameters it can have as they are read back.

import fc from 'fast-check';
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
  type Messages,
  mirror,
  multipath,
  pcache,
  raid,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  striped,
  switchTarget,
  type TargetKind,
  thin,
  thinPool,
  unstriped,
  vdo,
  verity,
  writecache,
  zero,
  zoned,
} from '../../src/index.ts';
import { anyCache } from './targets/cache.ts';
import { anyClone } from './targets/clone.ts';
import { anyCrypt } from './targets/crypt.ts';
import { anyDelay } from './targets/delay.ts';
import { anyDust } from './targets/dust.ts';
import { anyEbs } from './targets/ebs.ts';
import { anyEra } from './targets/era.ts';
import { anyFlakey } from './targets/flakey.ts';
import { anyInlinecrypt } from './targets/inlinecrypt.ts';
import { anyIntegrity } from './targets/integrity.ts';
import { anyLinear } from './targets/linear.ts';
import { anyLogWrites } from './targets/log-writes.ts';
import { anyMirror } from './targets/mirror.ts';
import { anyMultipath } from './targets/multipath.ts';
import { anyPcache } from './targets/pcache.ts';
import { anyRaid } from './targets/raid.ts';
import { anySnapshot } from './targets/snapshot.ts';
import { anySnapshotOrigin } from './targets/snapshot-origin.ts';
import { anyStriped } from './targets/striped.ts';
import { anySwitch } from './targets/switch.ts';
import { anyThin } from './targets/thin.ts';
import { anyThinPool } from './targets/thin-pool.ts';
import { anyUnstriped } from './targets/unstriped.ts';
import { anyVdo } from './targets/vdo.ts';
import { anyVerity } from './targets/verity.ts';
import { anyWritecache } from './targets/writecache.ts';
import { anyZoned } from './targets/zoned.ts';

/** A kind, and its parameters. */
export interface AnyTarget {
  readonly kind: TargetKind<object, unknown, Messages>;
  readonly params: fc.Arbitrary<object>;
}

const any = <P extends object, S, M extends Messages>(
  kind: TargetKind<P, S, M>,
  params: fc.Arbitrary<NoInfer<P>>,
): AnyTarget => ({ kind: kind as unknown as AnyTarget['kind'], params });

const nothing = fc.constant({});

/** Every kind. */
export const EVERY_TARGET: readonly AnyTarget[] = [
  any(cache, anyCache),
  any(clone, anyClone),
  any(crypt, anyCrypt),
  any(delay, anyDelay),
  any(dust, anyDust),
  any(ebs, anyEbs),
  any(era, anyEra),
  any(error, nothing),
  any(flakey, anyFlakey),
  any(inlinecrypt, anyInlinecrypt),
  any(integrity, anyIntegrity),
  any(linear, anyLinear),
  any(logWrites, anyLogWrites),
  any(mirror, anyMirror),
  any(multipath, anyMultipath),
  any(pcache, anyPcache),
  any(raid, anyRaid),
  any(snapshot, anySnapshot),
  any(snapshotMerge, anySnapshot),
  any(snapshotOrigin, anySnapshotOrigin),
  any(striped, anyStriped),
  any(switchTarget, anySwitch),
  any(thin, anyThin),
  any(thinPool, anyThinPool),
  any(unstriped, anyUnstriped),
  any(vdo, anyVdo),
  any(verity, anyVerity),
  any(writecache, anyWritecache),
  any(zero, nothing),
  any(zoned, anyZoned),
];
