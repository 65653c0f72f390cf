// Reads a stream in chunks of a requested size.

import type { Readable } from 'node:stream';
import { DiffError } from '../tree/errors.ts';

/** Bytes of a stream, in order. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0n;

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The number of bytes that were read. */
  get taken(): bigint {
    return this.#taken;
  }

  /** Reads from 1 to `most` bytes; `undefined` at the end of the stream. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return undefined;
      this.#rest = Buffer.from(value);
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
  async exactly(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.some(missing);
      if (part === undefined) {
        if (parts.length === 0) return undefined;
        throw new DiffError({ code: 'ERR_DIFF_TAR', problem: 'the tar is cut short' });
      }
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}
