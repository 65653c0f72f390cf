// What goes wrong with the difference of two layers beyond what the kernel says with an errno.

/** What kind of trouble it is. */
export type DiffErrorCode =
  /** The stream is no tar, is cut short, or has a header that cannot be read. */
  | 'ERR_DIFF_TAR'
  /** An entry of the tar that cannot be unpacked, or must not be. */
  | 'ERR_DIFF_ENTRY'
  /** A file cannot be told in a layer's tar. */
  | 'ERR_DIFF_FILE'
  /** A file changed while it was read. */
  | 'ERR_DIFF_CHANGED';

/** What a `DiffError` is made from. */
export interface DiffFailure {
  readonly code: DiffErrorCode;
  /** The entry or file, one byte a character; none for a tar that cannot be read. */
  readonly entry?: string | undefined;
  /** What is the matter, as the rest of a sentence. */
  readonly problem: string;
  readonly cause?: unknown;
}

/** A layer could not be packed or unpacked. What has been unpacked by then stays. */
export class DiffError extends Error {
  readonly code: DiffErrorCode;
  /** The entry of the tar, or the file, by its path inside the layer. */
  readonly entry: string | undefined;

  constructor({ code, entry, problem, cause }: DiffFailure) {
    const name = entry === undefined ? undefined : Buffer.from(entry, 'latin1').toString();
    super(
      name === undefined ? `layer tar: ${problem}` : `${JSON.stringify(name)}: ${problem}`,
      cause === undefined ? undefined : { cause },
    );
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
