// The bytes of a stream, taken as many at a time as are wanted.

import type { Readable } from 'node:stream';
import { DiffError } from '../errors.ts';

/** Bytes of a stream, in order. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0n;

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** How many have been taken. */
  get taken(): bigint {
    return this.#taken;
  }

  /** From 1 to `most` bytes, as they come; undefined at the end of the stream. */
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

  /** Exactly `length` bytes; undefined if the stream has ended before the first of them. @throws DiffError if it ends among them */
  async exactly(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.some(missing);
      if (part === undefined) {
        if (parts.length === 0) return undefined;
        throw new DiffError({ code: 'ERR_DIFF_TAR', problem: 'it is cut short' });
      }
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}
