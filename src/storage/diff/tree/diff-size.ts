import type { CompareOptions } from './compare.ts';
import { findChangesBetween } from './find-changes.ts';
import { checkTrees } from './options.ts';

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
