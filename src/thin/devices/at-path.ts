// Lists and compares the thin devices of metadata at a path: the metadata device of a pool, or a file. No program runs.

import { checkThinId } from '../../dm/targets/provisioning/thin.ts';
import {
  checkFields,
  type FieldChecks,
  isFlag,
  isPath,
  isSignal,
} from '../../ioctl/input/checks.ts';
import { refuseUnusable } from '../backing/backing.ts';
import type { DeltaItem } from '../metadata/delta.ts';
import { type CompareThinsOptions, readDifference } from '../metadata/difference.ts';
import type { MetadataStateOptions } from '../metadata/trees.ts';
import { readUsage, type ThinUsage } from '../metadata/usage.ts';

const STATE: FieldChecks<MetadataStateOptions> = { metadataSnap: isFlag, signal: isSignal };
const COMPARE: FieldChecks<MetadataStateOptions & CompareThinsOptions> = { ...STATE, same: isFlag };

/**
 * Yields the thin devices of metadata with their mapped, exclusive and shared blocks, by ascending id. It reads all mappings.
 * @param path the metadata device of a pool, or a file of metadata
 * @throws PoolError ERR_POOL_METADATA when the metadata is damaged, ERR_POOL_BUSY when it is in use and `metadataSnap` is not
 * set; InputError for another kind of file; SyscallError, or Node's own error from opening
 */
export async function* readThins(
  path: string,
  options: MetadataStateOptions = {},
): AsyncGenerator<ThinUsage, void> {
  isPath(path, 'path');
  checkFields(options, STATE);
  await refuseUnusable(path, options);
  yield* readUsage({ name: path, device: path }, options);
}

/**
 * Yields the pool, then the ranges of blocks in which two thin devices differ: `left_only`, `right_only` or `different`. Without
 * `same`, it skips the parts of the trees that the devices share.
 * @param path the metadata device of a pool, or a file of metadata
 * @throws PoolError ERR_THIN_MISSING when a device does not exist; as {@link readThins}
 */
export async function* compareThins(
  path: string,
  left: number,
  right: number,
  options: MetadataStateOptions & CompareThinsOptions = {},
): AsyncGenerator<DeltaItem, void> {
  isPath(path, 'path');
  checkThinId(left, 'left');
  checkThinId(right, 'right');
  checkFields(options, COMPARE);
  await refuseUnusable(path, options);
  yield* readDifference({ name: path, device: path }, left, right, options);
}
