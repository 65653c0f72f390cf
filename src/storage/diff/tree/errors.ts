// Errors of packing and unpacking, besides the errno of a system call.

import { DmtsError } from '../../../ioctl/input/dmts-error.ts';

/** What failed. */
export type DiffErrorCode =
  /** The stream is not a tar, is cut short, or has an invalid header. */
  | 'ERR_DIFF_TAR'
  /** An entry of the tar cannot or must not be unpacked. */
  | 'ERR_DIFF_ENTRY'
  /** A layer's tar cannot store a file. */
  | 'ERR_DIFF_FILE'
  /** A file changed during the read. */
  | 'ERR_DIFF_CHANGED';

/** The fields of a `DiffError`. */
export interface DiffFailure {
  readonly code: DiffErrorCode;
  /** The path of the entry or file, one byte per character; `undefined` for an invalid tar. */
  readonly entry?: string | undefined;
  /** The problem, as the rest of a sentence that begins with the path. */
  readonly problem: string;
  readonly cause?: unknown;
}

/** A layer cannot be packed or unpacked. The entries that are unpacked by then stay. */
export class DiffError extends DmtsError {
  readonly code: DiffErrorCode;
  /** The path of the entry or file inside the layer. */
  readonly entry: string | undefined;

  constructor({ code, entry, problem, cause }: DiffFailure) {
    const name = entry === undefined ? undefined : Buffer.from(entry, 'latin1').toString();
    super(`${name === undefined ? 'layer tar' : JSON.stringify(name)}: ${problem}`, { cause });
    this.code = code;
    this.entry = name;
  }
}
Object.defineProperty(DiffError.prototype, 'name', { value: 'DiffError' });

/** Whether `error` is a `DiffError`, with one of `codes` if any are given. */
export const isDiffError = (
  error: unknown,
  ...codes: readonly DiffErrorCode[]
): error is DiffError =>
  error instanceof DiffError && (codes.length === 0 || codes.includes(error.code));
