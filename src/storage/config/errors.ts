// Errors of a storage directory and its layers, besides those of the pool and the kernel.

import { DmtsError } from '../../ioctl/input/dmts-error.ts';

/** What failed. */
export type StorageErrorCode =
  /** An option, `dm.*` or of a layer, is unknown or has an invalid value. */
  | 'ERR_STORAGE_OPTION'
  /** A record is torn, foreign or hostile. Nothing was changed. */
  | 'ERR_STORAGE_RECORD'
  /**
   * A file of the directory cannot be written: its filesystem is full or read-only, its disk fails, or something else is in its
   * place.
   */
  | 'ERR_STORAGE_WRITE'
  /** The storage is closed. */
  | 'ERR_STORAGE_CLOSED'
  /** Another process has the lock of the directory. */
  | 'ERR_STORAGE_LOCKED'
  /** The pool cannot be used, or does not match the records. */
  | 'ERR_STORAGE_POOL'
  /** The base device does not match the records or the options. */
  | 'ERR_STORAGE_BASE'
  /** A filesystem cannot be found, mounted, written or grown. */
  | 'ERR_STORAGE_FILESYSTEM'
  /** A required program is not installed or failed. */
  | 'ERR_STORAGE_PROGRAM'
  /** The layer does not exist. */
  | 'ERR_LAYER_MISSING'
  /** A layer with this id already exists. */
  | 'ERR_LAYER_EXISTS'
  /** The layer is removed, and is deleted when its last holder has gone. */
  | 'ERR_LAYER_DELETED'
  /** The layer is in use. */
  | 'ERR_LAYER_BUSY'
  /** The size of a layer is invalid. */
  | 'ERR_LAYER_SIZE'
  /** The id of a layer is invalid. */
  | 'ERR_LAYER_ID';

/** The fields of a `StorageError`. */
export interface StorageFailure {
  readonly code: StorageErrorCode;
  /** The layer, file or option: `'layer "a"'`, `'metadata/base'`. */
  readonly subject: string;
  /** The problem, as the rest of a sentence that begins with the subject. */
  readonly problem: string;
  /** The remedy. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An operation on a storage directory or on one of its layers failed. */
export class StorageError extends DmtsError {
  readonly code: StorageErrorCode;
  readonly subject: string;
  readonly problem: string;

  constructor({ code, subject, problem, hint, cause }: StorageFailure) {
    super(`${subject}: ${problem}`, { hint, cause });
    this.code = code;
    this.subject = subject;
    this.problem = problem;
  }
}
Object.defineProperty(StorageError.prototype, 'name', { value: 'StorageError' });

/** Whether `error` is a `StorageError`, with one of `codes` if any are given. */
export const isStorageError = (
  error: unknown,
  ...codes: readonly StorageErrorCode[]
): error is StorageError =>
  error instanceof StorageError && (codes.length === 0 || codes.includes(error.code));
