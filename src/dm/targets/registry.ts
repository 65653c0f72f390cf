// The typed targets by the kernel's names.

import { error } from './error.ts';
import { linear } from './linear.ts';
import { striped } from './striped.ts';
import { thin } from './thin.ts';
import { thinPool } from './thin-pool.ts';
import { zero } from './zero.ts';

/** What every target kind has, whatever its parameters are. */
export interface AnyTargetKind {
  readonly type: string;
  readonly parseParams: (text: string) => unknown;
  readonly parseStatus: (text: string) => unknown;
  readonly messages: object;
}

const kinds: readonly AnyTargetKind[] = [error, linear, striped, thin, thinPool, zero];

/** Every typed target, by its name. */
export const targetKinds: ReadonlyMap<string, AnyTargetKind> = new Map(
  kinds.map((kind) => [kind.type, kind]),
);
