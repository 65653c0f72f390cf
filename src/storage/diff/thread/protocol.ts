// The messages between a thread that works on files and its owner.

import type { AppliedDiff } from '../apply/unpack-tar.ts';
import type { FoundChange } from '../tree/find-changes.ts';
import type { DiffProgress } from '../tree/options.ts';
import type { RingMemory } from './ring.ts';
import type { SentError } from './sent-error.ts';

/** Two trees to compare. */
interface TwoTrees {
  readonly upper: string;
  readonly lower: string | undefined;
  readonly snapshotTime: bigint | undefined;
}

/** What a thread does, and what it returns: `apply` reads a tar from the ring, `pack` writes one to it. */
export type Task =
  | { readonly kind: 'apply'; readonly target: string }
  | ({ readonly kind: 'pack' } & TwoTrees)
  | ({ readonly kind: 'changes' } & TwoTrees)
  | ({ readonly kind: 'size' } & TwoTrees);

/** The results of the tasks. The changes come in messages before the result. */
export interface Results {
  readonly apply: AppliedDiff;
  readonly pack: undefined;
  readonly changes: undefined;
  readonly size: bigint;
}

/** From the owner. */
export interface TaskMessage {
  readonly task: Task;
  readonly memory: RingMemory;
}

/** A change, as far as a list of changes needs it. */
export type ListedChange = Pick<FoundChange, 'kind' | 'path'>;

/** To the owner. */
export type TaskReply =
  /** For an owner that waits for the ring: it looks again. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'progress'; readonly progress: DiffProgress }
  | { readonly kind: 'changes'; readonly changes: readonly ListedChange[] }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: SentError };
