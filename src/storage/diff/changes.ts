// What differs between a layer and the one below it.

import { checkTrees } from './checks.ts';
import { type FoundChange, findChangesBetween } from './find-changes.ts';
import { toBytes, toText } from './path.ts';
import type { ChangeKind } from './walk.ts';

/** One difference between a layer and the layer below. */
export interface Change {
  readonly kind: ChangeKind;
  /** Inside the layer, with a slash in front; U+FFFD stands for what is not UTF-8. */
  readonly path: string;
  /** The same path as the bytes it is. */
  readonly rawPath: Buffer;
}

/** How to stop. */
export interface ChangesOptions {
  readonly signal?: AbortSignal;
}

const toChange = ({ kind, path }: FoundChange): Change => ({
  kind,
  path: toText(path),
  rawPath: toBytes(path),
});

/**
 * What differs in the tree `upper` from the tree `lower`, sorted by path as bytes; without `lower`, all of it. A directory with
 * a change in it is modified itself; a directory that was deleted is one change. The tops are not compared.
 * A file whose inode number and time of change are the same in both, as a snapshot has them, is not read.
 * @throws Node's own errors and SyscallError
 */
export async function* changes(
  upper: string,
  lower?: string,
  options: ChangesOptions = {},
): AsyncGenerator<Change> {
  checkTrees(upper, lower, options);
  const { signal } = options;
  for (const found of await findChangesBetween(upper, lower, signal)) yield toChange(found);
}
