// What goes wrong with a storage directory and its layers beyond what the pool and the kernel say.

/** What kind of trouble it is. */
export type StorageErrorCode =
  /** A `dm.*` option, or one of a layer, that is not known or has no sensible value. */
  | 'ERR_STORAGE_OPTION'
  /** A file of the directory is torn, foreign or hostile. Nothing was changed. */
  | 'ERR_STORAGE_RECORD'
  /** A file of the directory cannot be written: its filesystem is full or read-only. */
  | 'ERR_STORAGE_WRITE'
  /** It has been closed. */
  | 'ERR_STORAGE_CLOSED'
  /** Another process has the directory. */
  | 'ERR_STORAGE_LOCKED'
  /** The pool is not the one that the directory's files tell of. */
  | 'ERR_STORAGE_POOL'
  /** The base device is not what it should be. */
  | 'ERR_STORAGE_BASE'
  /** A filesystem could not be made, told or grown. */
  | 'ERR_STORAGE_FILESYSTEM'
  /** A program that is needed is not installed, or failed. */
  | 'ERR_STORAGE_PROGRAM'
  /** There is no such layer. */
  | 'ERR_LAYER_MISSING'
  /** There is a layer of that id already. */
  | 'ERR_LAYER_EXISTS'
  /** The layer has been removed, and goes as soon as its last user lets go of it. */
  | 'ERR_LAYER_DELETED'
  /** Somebody uses the layer. */
  | 'ERR_LAYER_BUSY'
  /** A size that cannot be. */
  | 'ERR_LAYER_SIZE'
  /** An id that is no file name. */
  | 'ERR_LAYER_ID';

/** What a `StorageError` is made from. */
export interface StorageFailure {
  readonly code: StorageErrorCode;
  /** What it is about: `'layer "a"'`, `'metadata/base'`. */
  readonly subject: string;
  /** What is the matter, as the rest of a sentence. */
  readonly problem: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A storage directory, or one of its layers, is not in a state to do what was asked. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  readonly subject: string;
  readonly hint: string | undefined;

  constructor({ code, subject, problem, hint, cause }: StorageFailure) {
    super(
      `${subject}: ${problem}${hint === undefined ? '' : `. ${hint}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.subject = subject;
    this.hint = hint;
  }
}
Object.defineProperty(StorageError.prototype, 'name', { value: 'StorageError' });

/** Whether `error` is a `StorageError`, with one of `codes` if any are given. */
export const isStorageError = (
  error: unknown,
  ...codes: readonly StorageErrorCode[]
): error is StorageError =>
  error instanceof StorageError && (codes.length === 0 || codes.includes(error.code));
