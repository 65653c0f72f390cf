// The typed targets by their kernel names.

import { cache } from './cache.ts';
import { clone } from './clone.ts';
import { crypt } from './crypt.ts';
import { delay } from './delay.ts';
import { dust } from './dust.ts';
import { ebs } from './ebs.ts';
import { era } from './era.ts';
import { error } from './error.ts';
import { flakey } from './flakey.ts';
import { inlinecrypt } from './inlinecrypt.ts';
import { integrity } from './integrity.ts';
import { linear } from './linear.ts';
import { logWrites } from './log-writes.ts';
import { mirror } from './mirror.ts';
import { multipath } from './multipath.ts';
import { pcache } from './pcache.ts';
import { raid } from './raid.ts';
import { snapshot } from './snapshot.ts';
import { snapshotMerge } from './snapshot-merge.ts';
import { snapshotOrigin } from './snapshot-origin.ts';
import { striped } from './striped.ts';
import { switchTarget } from './switch.ts';
import { thin } from './thin.ts';
import { thinPool } from './thin-pool.ts';
import { unstriped } from './unstriped.ts';
import { vdo } from './vdo.ts';
import { verity } from './verity.ts';
import { writecache } from './writecache.ts';
import { zero } from './zero.ts';
import { zoned } from './zoned.ts';

/** A typed target with parameters of any type. */
export interface AnyTargetKind {
  readonly type: string;
  readonly parseParams: (text: string) => unknown;
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
