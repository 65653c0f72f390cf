// What goes wrong with a pool beyond what the kernel says with an errno.

/** What kind of trouble it is. */
export type PoolErrorCode =
  /** The metadata device does not hold what it should: no pool, a damaged one, something else, another one. */
  | 'ERR_POOL_METADATA'
  /** A device that was to become part of a new pool holds data. */
  | 'ERR_POOL_NOT_BLANK'
  /** A size that cannot be: smaller than now, or beyond the device. */
  | 'ERR_POOL_SIZE'
  /** Not enough free blocks for what was asked. */
  | 'ERR_POOL_FULL'
  /** No metadata block is free, and the pool takes no change until its metadata grows. */
  | 'ERR_POOL_METADATA_FULL'
  /** The pool is read-only. */
  | 'ERR_POOL_READ_ONLY'
  /** The metadata must be checked before the pool may be written again. */
  | 'ERR_POOL_NEEDS_CHECK'
  /** The pool is offline. */
  | 'ERR_POOL_FAILED'
  /** Not a live thin pool. */
  | 'ERR_POOL_NOT_ACTIVE'
  /** The pool is suspended, and not known to be the caller's own. */
  | 'ERR_POOL_SUSPENDED'
  /** The pool is in use. */
  | 'ERR_POOL_BUSY'
  /** There is a thin device of that id already. */
  | 'ERR_THIN_EXISTS'
  /** There is no thin device of that id. */
  | 'ERR_THIN_MISSING'
  /** The thin device is active. */
  | 'ERR_THIN_ACTIVE'
  /** The thin device is in use. */
  | 'ERR_THIN_BUSY';

/** What a `PoolError` is made from. */
export interface PoolFailure {
  readonly code: PoolErrorCode;
  /** The pool's name, or its metadata device where it has none yet. */
  readonly pool: string;
  /** What is the matter, as the rest of a sentence. */
  readonly problem: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** The thin device's id. */
  readonly id?: number | undefined;
  readonly cause?: unknown;
}

/** A pool, or one of its thin devices, is not in a state to do what was asked. Nothing was recorded as done. */
export class PoolError extends Error {
  readonly code: PoolErrorCode;
  readonly pool: string;
  readonly id: number | undefined;
  readonly hint: string | undefined;

  constructor({ code, pool, problem, hint, id, cause }: PoolFailure) {
    const what = `thin pool '${pool}'${id === undefined ? '' : `, thin id ${id}`}`;
    super(
      `${what}: ${problem}${hint === undefined ? '' : `. ${hint}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.pool = pool;
    this.id = id;
    this.hint = hint;
  }
}
Object.defineProperty(PoolError.prototype, 'name', { value: 'PoolError' });

/** Whether `error` is a `PoolError`, with one of `codes` if any are given. */
export const isPoolError = (
  error: unknown,
  ...codes: readonly PoolErrorCode[]
): error is PoolError =>
  error instanceof PoolError && (codes.length === 0 || codes.includes(error.code));
