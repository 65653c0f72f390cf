// The base of the library's errors, other than InputError, which is a TypeError.

/** What an error adds to its message. */
export interface DmtsErrorDetails {
  /** What to do next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An error of this library: a call failed, or its result cannot be used. */
export abstract class DmtsError extends Error {
  /** `'EBUSY'` for an errno, otherwise `'ERR_POOL_FULL'` and the like. */
  abstract readonly code: string;
  /** What to do next. The message ends with it. */
  readonly hint: string | undefined;

  constructor(problem: string, { hint, cause }: DmtsErrorDetails = {}) {
    super(
      hint === undefined ? problem : `${problem}. ${hint}`,
      cause === undefined ? undefined : { cause },
    );
    this.hint = hint;
  }
}
