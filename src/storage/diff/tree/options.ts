// The options of packing and unpacking, and their checks.

import {
  checkFields,
  type FieldChecks,
  isFunction,
  isPath,
  isQuantity,
  isSignal,
} from '../../../ioctl/input/checks.ts';
import type { CompareOptions } from './compare.ts';

/** The progress of packing or unpacking. */
export interface DiffProgress {
  readonly entries: number;
  /** Bytes of the tar. */
  readonly bytes: bigint;
}

/** Options of packing and unpacking: an abort signal and a progress callback. */
export interface DiffOptions {
  readonly signal?: AbortSignal;
  /** Called after each entry. */
  readonly onProgress?: (progress: DiffProgress) => void;
}

/** How two trees are compared and packed. */
export type PackOptions = DiffOptions & Pick<CompareOptions, 'snapshotTime'>;

/** The checks of the options of packing and unpacking. */
export const DIFF: FieldChecks<DiffOptions> = { signal: isSignal, onProgress: isFunction };

const TREES: FieldChecks<PackOptions> = { ...DIFF, snapshotTime: isQuantity };

/** Checks two directory trees, of which the lower is optional, and options. @throws InputError */
export function checkTrees(
  upper: string,
  lower: string | undefined,
  options: CompareOptions | PackOptions,
): void {
  isPath(upper, 'upper');
  if (lower !== undefined) isPath(lower, 'lower');
  checkFields<CompareOptions | PackOptions>(options, TREES);
}
