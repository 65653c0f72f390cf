// The three ways a device-mapper call goes wrong: the kernel refused, we refused, or the reply is no reply.

import { errnoCode, errnoWords, isSameErrno } from '../ioctl/errno.ts';
import { shown } from '../ioctl/input-error.ts';

export { expectation, InputError } from '../ioctl/input-error.ts';

/** What a `DmError` is made from. */
export interface DmFailure {
  /** The positive errno. */
  readonly errno: number;
  /** The kernel's name of the command: `'DM_DEV_REMOVE'`; left out when opening the control node failed. */
  readonly command?: string | undefined;
  /** The device as the caller named it, or the control node's path. */
  readonly device?: string | undefined;
  /** The request's flags in words. */
  readonly flags?: readonly string[] | undefined;
  /** What the kernel log says of it. */
  readonly reason?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** The part of the input that the kernel refused, where we know it: `'table[0].type'`. */
  readonly field?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The kernel refused a device-mapper call. In the shape of Node's own errors (`code`, negative `errno`,
 * `syscall`), with the command, the device, and the kernel log's reason where there is one.
 */
export class DmError extends Error {
  /** `'EBUSY'`, `'ENXIO'`, … */
  readonly code: string;
  /** Negative, as in Node. */
  readonly errno: number;
  readonly syscall: 'ioctl' | 'open';
  readonly command: string | undefined;
  readonly device: string | undefined;
  readonly flags: readonly string[];
  readonly reason: string | undefined;
  readonly hint: string | undefined;
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
      hint === undefined ? '' : `. ${hint}`,
    ];
    super(parts.join(''), cause === undefined ? undefined : { cause });
    this.code = code;
    this.errno = -errno;
    this.syscall = command === undefined ? 'open' : 'ioctl';
    this.command = command;
    this.device = device;
    this.flags = flags;
    this.reason = reason;
    this.hint = hint;
    this.field = field;
  }
}
Object.defineProperty(DmError.prototype, 'name', { value: 'DmError' });

/** Whether `error` is a `DmError`, with one of `codes` if any are given. `'EOPNOTSUPP'` and `'ENOTSUP'` are one. */
export const isDmError = (error: unknown, ...codes: readonly string[]): error is DmError =>
  error instanceof DmError &&
  (codes.length === 0 || codes.some((code) => isSameErrno(code, error.code)));

/** A change that is made, but that udev has not finished with in the time it was given. */
export class UdevTimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
  /** The device as the caller named it. */
  readonly device: string;

  constructor(device: string, timeoutMs: number, { seesCookies }: { seesCookies: boolean }) {
    const advice = seesCookies
      ? '"udevadm settle" tells whether udev works at all'
      : "This process is in a private IPC namespace, where udevd cannot see its semaphores: share the host's IPC namespace, or do not wait for udev";
    super(
      `ETIMEDOUT: udev did not finish with '${device}' within ${timeoutMs} ms. The change itself is made: a device that is there can be used by its /dev/dm-N. ${advice}`,
    );
    this.device = device;
  }
}
Object.defineProperty(UdevTimeoutError.prototype, 'name', { value: 'UdevTimeoutError' });

/** A line of a status is longer than a value of the caller's; most are shown as a whole. */
const TEXT_SHOWN_MAX = 300;

/** Where the text comes from that a `ReplyError` is about. */
export interface ReplySource {
  /** The device as the caller named it. */
  readonly device?: string | undefined;
  /** The target's type, such as `'thin-pool'`. */
  readonly target?: string | undefined;
  /** The text as the kernel gave it; left out where it may contain a key. */
  readonly text?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The library cannot understand what the kernel reports: lengths or offsets that contradict each other, an interface
 * version of another generation, or a text of a form that the library does not know.
 */
export class ReplyError extends Error {
  readonly code = 'ERR_DMTS_REPLY';
  readonly device: string | undefined;
  readonly target: string | undefined;
  readonly text: string | undefined;
  /** What cannot be understood, without the source. */
  readonly problem: string;

  constructor(problem: string, source: ReplySource = {}) {
    const { device, target, text, cause } = source;
    const of = device === undefined ? '' : `cannot read what the kernel reports of '${device}': `;
    const within = text === undefined ? '' : `, in ${shown(text, TEXT_SHOWN_MAX)}`;
    super(`${of}${problem}${within}`, cause === undefined ? undefined : { cause });
    this.device = device;
    this.target = target;
    this.text = text;
    this.problem = problem;
  }
}
Object.defineProperty(ReplyError.prototype, 'name', { value: 'ReplyError' });

/** Run a parser of a text that the kernel gave for a device: its `ReplyError` names the device. */
export function reportedOf<T>(device: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ReplyError) || error.device !== undefined) throw error;
    const { problem, target, text } = error;
    throw new ReplyError(problem, { device, target, text, cause: error.cause });
  }
}
