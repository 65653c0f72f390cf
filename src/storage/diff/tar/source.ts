// Reads a stream in chunks of a requested size.

import { DiffError } from '../tree/errors.ts';

/** Bytes of a stream, in order. */
export class ByteSource {
  readonly #pull: () => Buffer | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0n;

  /** @param pull returns the next bytes, valid until its next call; `undefined` at the end */
  constructor(pull: () => Buffer | undefined) {
    this.#pull = pull;
  }

  /** The number of bytes that were read. */
  get taken(): bigint {
    return this.#taken;
  }

  /** Reads from 1 to `most` bytes, valid until the next read; `undefined` at the end of the stream. */
  some(most: number): Buffer | undefined {
    while (this.#rest.length === 0) {
      const next = this.#pull();
      if (next === undefined) return undefined;
      this.#rest = next;
    }
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#taken += BigInt(bytes.length);
    return bytes;
  }

  /**
   * Reads exactly `length` bytes; `undefined` if the stream ended before the first one.
   * @throws DiffError if it ends among them
   */
  exactly(length: number): Buffer | undefined {
    const bytes = Buffer.alloc(length);
    for (let filled = 0; filled < length; ) {
      const part = this.some(length - filled);
      if (part === undefined) {
        if (filled === 0) return undefined;
        throw new DiffError({ code: 'ERR_DIFF_TAR', problem: 'the tar is cut short' });
      }
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }
}
