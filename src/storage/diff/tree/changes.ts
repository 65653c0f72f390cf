// Lists the differences between a layer and the layer below, and adds up their size.

import type { CompareOptions } from './compare.ts';
import { type FoundChange, findChangesBetween } from './find-changes.ts';
import { checkTrees } from './options.ts';
import { toBytes, toText } from './paths.ts';
import type { ChangeKind } from './walk.ts';

/** One difference between a layer and the layer below. */
export interface Change {
  readonly kind: ChangeKind;
  /** Inside the layer, with a leading slash. U+FFFD replaces bytes that are not UTF-8. */
  readonly path: string;
  /** The bytes of the path. */
  readonly rawPath: Buffer;
}

const toChange = ({ kind, path }: FoundChange): Change => ({
  kind,
  path: toText(path),
  rawPath: toBytes(path),
});

/**
 * The changes from the tree `lower` to the tree `upper`, sorted by the bytes of their paths; without `lower`, all of
 * `upper`. A directory with a change in it is modified itself. A deleted directory is one change. The tops are not
 * compared. With `snapshotTime`, a file is not read if its inode number and ctime are equal in both trees and older
 * than that time.
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

/**
 * The bytes of content in the difference between two trees: the sizes of all added and modified files. A file with
 * several hard links counts once. Holes count, as in the tar; its headers do not.
 */
export async function diffSize(
  upper: string,
  lower?: string,
  options: CompareOptions = {},
): Promise<bigint> {
  checkTrees(upper, lower, options);
  const found = await findChangesBetween(upper, lower, options);
  return found.reduce((sum, { size }) => sum + size, 0n);
}
