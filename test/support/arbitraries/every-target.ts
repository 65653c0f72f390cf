// Every target type, with arbitrary parameters in their parsed form.

import fc from 'fast-check';
import { targetKinds } from '../../../src/dm/targets/registry.ts';
import type { Messages, TargetKind } from '../../../src/dm/targets/words/kind.ts';
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

/** A target type and its parameters. */
export interface AnyTarget {
  readonly kind: TargetKind<object, unknown, Messages>;
  readonly params: fc.Arbitrary<object>;
}

const nothing = fc.constant({});

const PARAMS: Readonly<Record<string, fc.Arbitrary<object>>> = {
  cache: anyCache,
  clone: anyClone,
  crypt: anyCrypt,
  delay: anyDelay,
  dust: anyDust,
  ebs: anyEbs,
  era: anyEra,
  error: nothing,
  flakey: anyFlakey,
  inlinecrypt: anyInlinecrypt,
  integrity: anyIntegrity,
  linear: anyLinear,
  'log-writes': anyLogWrites,
  mirror: anyMirror,
  multipath: anyMultipath,
  pcache: anyPcache,
  raid: anyRaid,
  snapshot: anySnapshot,
  'snapshot-merge': anySnapshot,
  'snapshot-origin': anySnapshotOrigin,
  striped: anyStriped,
  switch: anySwitch,
  thin: anyThin,
  'thin-pool': anyThinPool,
  unstriped: anyUnstriped,
  vdo: anyVdo,
  verity: anyVerity,
  writecache: anyWritecache,
  zero: nothing,
  zoned: anyZoned,
};

/** Every target type. */
export const EVERY_TARGET: readonly AnyTarget[] = [...targetKinds].map(([type, kind]) => {
  const params = PARAMS[type];
  if (params === undefined)
    throw new Error(`no arbitrary parameters for ${type}: add them to this file`);
  return { kind: kind as unknown as AnyTarget['kind'], params };
});
