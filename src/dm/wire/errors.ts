// The errors of a device-mapper call: the kernel fails it, the input is invalid, or the reply is invalid.

import { DmtsError } from '../../ioctl/input/dmts-error.ts';
import { shown } from '../../ioctl/input/input-error.ts';
import { errnoCode, errnoWords, isSameErrno } from '../../ioctl/libc/errno.ts';

export { expectation, InputError } from '../../ioctl/input/input-error.ts';

/** The fields of a `DmError`. */
export interface DmFailure {
  /** The positive errno. */
  readonly errno: number;
  /** The kernel's name of the command: `'DM_DEV_REMOVE'`; absent if opening the control node failed. */
  readonly command?: string | undefined;
  /** The device as the caller named it, or the path of the control node. */
  readonly device?: string | undefined;
  /** The names of the request's flags. */
  readonly flags?: readonly string[] | undefined;
  /** The reason from the kernel log. */
  readonly reason?: string | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
  /** The rejected field of the input, if known: `'table[0].type'`. */
  readonly field?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The kernel failed a device-mapper call. It has the fields of Node's own errors (`code`, negative `errno`,
 * `syscall`), the command, the device, and the reason from the kernel log, if any.
 */
export class DmError extends DmtsError {
  /** `'EBUSY'`, `'ENXIO'`, … */
  readonly code: string;
  /** Negative, as in Node. */
  readonly errno: number;
  readonly syscall: 'ioctl' | 'open';
  readonly command: string | undefined;
  readonly device: string | undefined;
  readonly flags: readonly string[];
  readonly reason: string | undefined;
  readonly field: string | undefined;

  constructor(failure: DmFailure) {
    const { errno, command, device, flags = [], reason, hint, field, cause } = failure;
    const code = errnoCode(errno);
    const tried = command === undefined ? 'open' : `ioctl ${command}`;
    const parts = [
      `${code}: ${errnoWords(errno)}, ${tried}`,
      device === undefined ? '' : ` '${device}'`,
      field === undefined ? '' : `, ${field}`,
      reason === undefined ? '' : ` (kernel log: ${reason})`,
    ];
    super(parts.join(''), { hint, cause });
    this.code = code;
    this.errno = -errno;
    this.syscall = command === undefined ? 'open' : 'ioctl';
    this.command = command;
    this.device = device;
    this.flags = flags;
    this.reason = reason;
    this.field = field;
  }
}
Object.defineProperty(DmError.prototype, 'name', { value: 'DmError' });

/** Whether `error` is a `DmError`, with one of `codes` if given. `'EOPNOTSUPP'` and `'ENOTSUP'` are equal. */
export const isDmError = (error: unknown, ...codes: readonly string[]): error is DmError =>
  error instanceof DmError &&
  (codes.length === 0 || codes.some((code) => isSameErrno(code, error.code)));

/** The same error with another hint. */
export const withHint = (error: DmError, hint: string): DmError =>
  new DmError({ ...error, errno: -error.errno, hint, cause: error });

/** udev did not finish processing a change within the timeout. The change itself is done. */
export class UdevTimeoutError extends DmtsError {
  readonly code = 'ETIMEDOUT';
  /** The device as the caller named it. */
  readonly device: string;

  constructor(device: string, timeoutMs: number, { seesCookies }: { seesCookies: boolean }) {
    const advice = seesCookies
      ? 'Run "udevadm settle" to check whether udev works'
      : "This process is in a private IPC namespace, where udevd cannot see its semaphores: share the host's IPC namespace, or do not wait for udev";
    super(`ETIMEDOUT: udev did not finish with '${device}' within ${timeoutMs} ms`, {
      hint: `The change itself is done: an existing device can be used as /dev/dm-N. ${advice}`,
    });
    this.device = device;
  }
}
Object.defineProperty(UdevTimeoutError.prototype, 'name', { value: 'UdevTimeoutError' });

/** The maximum length of quoted text. Status lines are longer than callers' values; most are shown completely. */
const TEXT_SHOWN_MAX = 300;

/** The source of the text of a `ReplyError`. */
export interface ReplySource {
  /** The device as the caller named it. */
  readonly device?: string | undefined;
  /** The target type, such as `'thin-pool'`. */
  readonly target?: string | undefined;
  /** The kernel's text; absent if it may contain a key. */
  readonly text?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The library cannot parse a reply of the kernel: lengths or offsets are inconsistent, the interface version is
 * incompatible, or the text has an unknown format.
 */
export class ReplyError extends DmtsError {
  readonly code = 'ERR_DMTS_REPLY';
  readonly device: string | undefined;
  readonly target: string | undefined;
  readonly text: string | undefined;
  /** The problem, without the source. */
  readonly problem: string;

  constructor(problem: string, source: ReplySource = {}) {
    const { device, target, text, cause } = source;
    const of = device === undefined ? '' : `cannot parse the kernel's reply for '${device}': `;
    const within = text === undefined ? '' : `, in ${shown(text, TEXT_SHOWN_MAX)}`;
    super(`${of}${problem}${within}`, { cause });
    this.device = device;
    this.target = target;
    this.text = text;
    this.problem = problem;
  }
}
Object.defineProperty(ReplyError.prototype, 'name', { value: 'ReplyError' });

/** The error with the device as its source, unless it has one. */
export function errorOf(device: string, error: ReplyError): ReplyError {
  if (error.device !== undefined) return error;
  const { problem, target, text, cause } = error;
  return new ReplyError(problem, { device, target, text, cause });
}

/** Runs a parser of a kernel text, and adds the device to its `ReplyError`. */
export function reportedOf<T>(device: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ReplyError ? errorOf(device, error) : error;
  }
}
