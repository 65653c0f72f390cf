// The options of packing and unpacking, and their checks.

import {
  checkFields,
  type FieldChecks,
  isFunction,
  isPath,
  isQuantity,
  isSignal,
} from '../../../ioctl/input/checks.ts';

/** The running operation calls it between two steps. It throws if the operation is cancelled. */
export type Checkpoint = () => void;

/** The checkpoint of work that cannot be cancelled. */
export const UNSTOPPABLE: Checkpoint = () => undefined;

/** The progress of packing or unpacking. */
export interface DiffProgress {
  readonly entries: number;
  /** Bytes of the tar. */
  readonly bytes: bigint;
}

/** Options of packing and unpacking: an abort signal and a progress callback. */
export interface DiffOptions {
  readonly signal?: AbortSignal;
  /** Called after the first entry and after the last one, and at most every 20 milliseconds meanwhile. */
  readonly onProgress?: (progress: DiffProgress) => void;
}

/** How two trees are compared. */
export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * A time, in nanoseconds since 1970, that is not later than the snapshot at which the two trees diverged. For two
   * snapshots of one origin, the earlier one counts. Without it, files with equal attributes are compared by content.
   */
  readonly snapshotTime?: bigint | undefined;
}

/** How two trees are compared and packed. */
export type PackOptions = DiffOptions & Pick<CompareOptions, 'snapshotTime'>;

/** How a thread compares two trees. */
export interface Comparison extends Pick<CompareOptions, 'snapshotTime'> {
  readonly checkpoint?: Checkpoint;
}

/** The checks of the options of packing and unpacking. */
export const DIFF: FieldChecks<DiffOptions> = { signal: isSignal, onProgress: isFunction };

const TREES: FieldChecks<PackOptions> = { ...DIFF, snapshotTime: isQuantity };

/** Checks the paths of two trees, of which the lower one may be absent, and the options. @throws InputError */
export function checkTrees(
  upper: string,
  lower: string | undefined,
  options: CompareOptions | PackOptions,
): void {
  isPath(upper, 'upper');
  if (lower !== undefined) isPath(lower, 'lower');
  checkFields<CompareOptions | PackOptions>(options, TREES);
}
