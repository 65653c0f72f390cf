import { errnoCode, errnoWords } from './errno.ts';

/** What a `SyscallError` is made from. */
export interface SyscallFailure {
  /** The system call, such as `'ioctl'`. */
  readonly syscall: string;
  /** The positive errno. */
  readonly errno: number;
  /** What the call was about, in words: `'LOOP_CONFIGURE'`. */
  readonly operation?: string | undefined;
  /** The file or device. */
  readonly path?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/**
 * A system call that failed, in the shape of Node's own errors:
 * `code` is `'EBUSY'`, `errno` is negative, `syscall` and `path` say what was tried.
 */
export class SyscallError extends Error {
  readonly code: string;
  /** Negative, as in Node: -16 for EBUSY. */
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
