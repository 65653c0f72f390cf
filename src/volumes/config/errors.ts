// Errors of volumes, besides those of the pool, the directory and the kernel.

import { DmtsError } from '../../ioctl/input/dmts-error.ts';

/** What failed. */
export type VolumeErrorCode =
  /** The volume does not exist. */
  | 'ERR_VOLUME_MISSING'
  /** A volume with this name already exists. */
  | 'ERR_VOLUME_EXISTS'
  /** The volume is active. */
  | 'ERR_VOLUME_ACTIVE'
  /** A volume cannot shrink, or an image is larger than its volume. */
  | 'ERR_VOLUME_SIZE'
  /** The target of an export exists, is not a file, or is in the directory of the volumes. */
  | 'ERR_VOLUME_TARGET'
  /** The directory, its pool and the device of the pool do not match. Nothing was changed. */
  | 'ERR_VOLUME_POOL';

/** The fields of a `VolumeError`. */
export interface VolumeFailure {
  readonly code: VolumeErrorCode;
  /** The volume, file or pool: `'volume "a"'`. */
  readonly subject: string;
  /** The problem, as the rest of a sentence that begins with the subject. */
  readonly problem: string;
  /** The remedy. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An operation on volumes failed. */
export class VolumeError extends DmtsError {
  readonly code: VolumeErrorCode;
  readonly subject: string;
  /** The problem, without the subject. */
  readonly problem: string;

  constructor({ code, subject, problem, hint, cause }: VolumeFailure) {
    super(`${subject}: ${problem}`, { hint, cause });
    this.code = code;
    this.subject = subject;
    this.problem = problem;
  }
}
Object.defineProperty(VolumeError.prototype, 'name', { value: 'VolumeError' });

/** Whether `error` is a `VolumeError`, with one of `codes` if any are given. */
export const isVolumeError = (
  error: unknown,
  ...codes: readonly VolumeErrorCode[]
): error is VolumeError =>
  error instanceof VolumeError && (codes.length === 0 || codes.includes(error.code));
