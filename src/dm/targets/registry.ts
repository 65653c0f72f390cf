// The typed targets by the kernel's names.

import { error } from './error.ts';
import type { Messages, TargetKind } from './kind.ts';
import { linear } from './linear.ts';
import { striped } from './striped.ts';
import { thin } from './thin.ts';
import { thinPool } from './thin-pool.ts';
import { zero } from './zero.ts';

/** A target kind whose parameters and status nobody has asked for yet. */
export type AnyTargetKind = TargetKind<never, unknown, Messages>;

/** Every typed target, by its name. */
export const targetKinds: ReadonlyMap<string, AnyTargetKind> = new Map(
  [error, linear, striped, thin, thinPool, zero].map((kind) => [kind.type, kind as AnyTargetKind]),
);
