// What differs between a layer and the one below it.

import { checkTrees } from './checks.ts';
import type { CompareOptions } from './compare.ts';
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

const toChange = ({ kind, path }: FoundChange): Change => ({
  kind,
  path: toText(path),
  rawPath: toBytes(path),
});

/**
 * What differs in the tree `upper` from the tree `lower`, sorted by path as bytes; without `lower`, all of it. A directory with
 * a change in it is modified itself; a directory that was deleted is one change. The tops are not compared.
 * With `snapshotTime`, a file is not read whose inode number and ctime are the same in both and older than that.
 * @throws Node's own errors and SyscallError
 */
export async function* changes(
  upper: string,
  lower?: string,
  options: CompareOptions = {},
): AsyncGenerator<Change> {
  checkTrees(upper, lower, options);
  for (const found of await findChangesBetween(upper, lower, options)) yield toChange(found);
}
