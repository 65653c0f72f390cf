// Errors of a pool, besides the kernel's errnos.

import { DmtsError } from '../../ioctl/input/dmts-error.ts';

/** What failed. */
export type PoolErrorCode =
  /**
   * The metadata device does not hold the expected pool: it is blank, damaged, of another format, or of another pool.
   */
  | 'ERR_POOL_METADATA'
  /** A device for a new pool holds data. */
  | 'ERR_POOL_NOT_BLANK'
  /** A size is invalid: smaller than the present one, or larger than the device. */
  | 'ERR_POOL_SIZE'
  /** There are not enough free blocks. */
  | 'ERR_POOL_FULL'
  /** No metadata block is free. The pool refuses changes until its metadata grows. */
  | 'ERR_POOL_METADATA_FULL'
  /** The pool is read-only. */
  | 'ERR_POOL_READ_ONLY'
  /** The metadata must be checked before the pool is written again. */
  | 'ERR_POOL_NEEDS_CHECK'
  /** The pool is offline. */
  | 'ERR_POOL_FAILED'
  /** The device is not an active thin pool. */
  | 'ERR_POOL_NOT_ACTIVE'
  /** The pool is suspended, possibly by another program. */
  | 'ERR_POOL_SUSPENDED'
  /** The pool is in use. */
  | 'ERR_POOL_BUSY'
  /** A thin device with this id already exists. */
  | 'ERR_THIN_EXISTS'
  /** The thin device does not exist. */
  | 'ERR_THIN_MISSING'
  /** The thin device is active. */
  | 'ERR_THIN_ACTIVE'
  /** The thin device is in use. */
  | 'ERR_THIN_BUSY';

/** The fields of a `PoolError`. */
export interface PoolFailure {
  readonly code: PoolErrorCode;
  /** The pool's name, or its device if it has no name yet. */
  readonly pool: string;
  /** The problem, as the rest of a sentence that begins with the pool. */
  readonly problem: string;
  /** The remedy. */
  readonly hint?: string | undefined;
  /** The thin device's id. */
  readonly id?: number | undefined;
  readonly cause?: unknown;
}

/** An operation on a pool or on one of its thin devices failed. */
export class PoolError extends DmtsError {
  readonly code: PoolErrorCode;
  readonly pool: string;
  /** The problem, without the pool. */
  readonly problem: string;
  readonly id: number | undefined;

  constructor({ code, pool, problem, hint, id, cause }: PoolFailure) {
    const what = `thin pool '${pool}'${id === undefined ? '' : `, thin id ${id}`}`;
    super(`${what}: ${problem}`, { hint, cause });
    this.code = code;
    this.pool = pool;
    this.problem = problem;
    this.id = id;
  }
}
Object.defineProperty(PoolError.prototype, 'name', { value: 'PoolError' });

/** Whether `error` is a `PoolError`, with one of `codes` if any are given. */
export const isPoolError = (
  error: unknown,
  ...codes: readonly PoolErrorCode[]
): error is PoolError =>
  error instanceof PoolError && (codes.length === 0 || codes.includes(error.code));
