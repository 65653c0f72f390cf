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
export class SyscallError extends Error {
  readonly code: string;
  /** Negative, as in Node's errors: -16 for EBUSY. */
  readonly errno: number;
  readonly syscall: string;
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor({ syscall, errno, operation, path, hint }: SyscallFailure) {
    const code = errnoCode(errno);
    const what = operation === undefined ? syscall : `${syscall} ${operation}`;
    const parts = [
      `${code}: ${errnoWords(errno)}, ${what}`,
      path === undefined ? '' : ` '${path}'`,
      hint === undefined ? '' : `. ${hint}`,
    ];
    super(parts.join(''));
    this.code = code;
    this.errno = -errno;
    this.syscall = syscall;
    this.path = path;
    this.hint = hint;
  }
}
Object.defineProperty(SyscallError.prototype, 'name', { value: 'SyscallError' });
