// Lists the differences between a layer and the layer below, and adds up their size.

import type { ListedChange } from './thread/protocol.ts';
import { startWork } from './thread/work.ts';
import { type CompareOptions, checkTrees } from './tree/options.ts';
import { toBytes, toText } from './tree/paths.ts';
import type { ChangeKind } from './tree/walk.ts';

/** One difference between a layer and the layer below. */
export interface Change {
  readonly kind: ChangeKind;
  /** Inside the layer, with a leading slash. U+FFFD replaces bytes that are not UTF-8. */
  readonly path: string;
  /** The bytes of the path. */
  readonly rawPath: Buffer;
}

const toChange = ({ kind, path }: ListedChange): Change => ({
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
  for (const found of await changesBetween(upper, lower, options)) yield toChange(found);
}

/** All changes. The thread is free before the first one is yielded. */
async function changesBetween(
  upper: string,
  lower: string | undefined,
  { signal, snapshotTime }: CompareOptions,
): Promise<readonly ListedChange[]> {
  const found: ListedChange[] = [];
  const onChanges = (some: readonly ListedChange[]): void => void found.push(...some);
  const task = { kind: 'changes', upper, lower, snapshotTime } as const;
  await using work = await startWork(task, { ...(signal && { signal }), onChanges });
  await work.result();
  return found;
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
  const { signal, snapshotTime } = options;
  const task = { kind: 'size', upper, lower, snapshotTime } as const;
  await using work = await startWork(task, signal ? { signal } : {});
  return await work.result();
}
