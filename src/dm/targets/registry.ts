// The typed targets by their kernel names.

import { cache } from './cache/cache.ts';
import { clone } from './cache/clone.ts';
import { era } from './cache/era.ts';
import { pcache } from './cache/pcache.ts';
import { writecache } from './cache/writecache.ts';
import { dust } from './faults/dust.ts';
import { flakey } from './faults/flakey.ts';
import { logWrites } from './faults/log-writes.ts';
import { delay } from './plain/delay.ts';
import { ebs } from './plain/ebs.ts';
import { error } from './plain/error.ts';
import { linear } from './plain/linear.ts';
import { multipath } from './plain/multipath.ts';
import { striped } from './plain/striped.ts';
import { switchTarget } from './plain/switch.ts';
import { unstriped } from './plain/unstriped.ts';
import { zero } from './plain/zero.ts';
import { zoned } from './plain/zoned.ts';
import { thin } from './provisioning/thin.ts';
import { thinPool } from './provisioning/thin-pool.ts';
import { vdo } from './provisioning/vdo.ts';
import { mirror } from './raid/mirror.ts';
import { raid } from './raid/raid.ts';
import { crypt } from './security/crypt.ts';
import { inlinecrypt } from './security/inlinecrypt.ts';
import { integrity } from './security/integrity.ts';
import { verity } from './security/verity.ts';
import { snapshot } from './snapshot/snapshot.ts';
import { snapshotMerge } from './snapshot/snapshot-merge.ts';
import { snapshotOrigin } from './snapshot/snapshot-origin.ts';

/** A typed target with parameters of any type. */
export interface AnyTargetKind {
  readonly type: string;
  /** Parses the parameters in a table from the kernel. @throws ReplyError naming the invalid word */
  readonly parseParams: (text: string) => unknown;
  /** Parses a status text; `undefined` if the target has no status. @throws ReplyError naming the invalid word */
  readonly parseStatus: (text: string) => unknown;
  readonly messages: object;
}

const kinds: readonly AnyTargetKind[] = [
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
  pcache,
  raid,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  striped,
  switchTarget,
  thin,
  thinPool,
  unstriped,
  vdo,
  verity,
  writecache,
  zero,
  zoned,
];

/** Every typed target by its kernel name. */
export const targetKinds: ReadonlyMap<string, AnyTargetKind> = new Map(
  kinds.map((kind) => [kind.type, kind]),
);
