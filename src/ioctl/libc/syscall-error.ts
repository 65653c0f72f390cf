import { DmtsError } from '../input/dmts-error.ts';
import { errnoCode, errnoWords } from './errno.ts';

/** The fields of a `SyscallError`. */
export interface SyscallFailure {
  /** The system call, such as `'ioctl'`. */
  readonly syscall: string;
  /** The positive errno. */
  readonly errno: number;
  /** The operation, if the system call has several: `'LOOP_CONFIGURE'`. */
  readonly operation?: string | undefined;
  /** The file or device. */
  readonly path?: string | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
}

/**
 * A failed system call, with the fields of Node's own errors: `code` such as `'EBUSY'`, a negative `errno`, `syscall`
 * and `path`.
 */
export class SyscallError extends DmtsError {
  readonly code: string;
  /** Negative, as in Node's errors: -16 for EBUSY. */
  readonly errno: number;
  readonly syscall: string;
  readonly path: string | undefined;

  constructor({ syscall, errno, operation, path, hint }: SyscallFailure) {
    const code = errnoCode(errno);
    const what = operation === undefined ? syscall : `${syscall} ${operation}`;
    const at = path === undefined ? '' : ` '${path}'`;
    super(`${code}: ${errnoWords(errno)}, ${what}${at}`, { hint });
    this.code = code;
    this.errno = -errno;
    this.syscall = syscall;
    this.path = path;
  }
}
Object.defineProperty(SyscallError.prototype, 'name', { value: 'SyscallError' });
