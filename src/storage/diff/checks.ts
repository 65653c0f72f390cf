// Checks for the arguments of this folder's functions.

import {
  checkFields,
  type FieldChecks,
  isFunction,
  isPath,
  isQuantity,
  isSignal,
} from '../../ioctl/checks.ts';
import type { CompareOptions } from './compare.ts';
import type { DiffOptions, PackOptions } from './pack.ts';

/** Options of packing and unpacking. */
export const DIFF: FieldChecks<DiffOptions> = { signal: isSignal, onProgress: isFunction };

const TREES: FieldChecks<PackOptions> = { ...DIFF, snapshotTime: isQuantity };

/** Check two directory trees, of which the lower is optional, and options. @throws InputError */
export function checkTrees(
  upper: string,
  lower: string | undefined,
  options: CompareOptions | PackOptions,
): void {
  isPath(upper, 'upper');
  if (lower !== undefined) isPath(lower, 'lower');
  checkFields<CompareOptions | PackOptions>(options, TREES);
}
