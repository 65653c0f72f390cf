// A tar in memory, as the readers of tars take it.

import { ByteSource } from '../../../../src/storage/diff/tar/source.ts';

/** The bytes of `chunks`, in order. */
export function sourceOf(chunks: Iterable<Buffer>): ByteSource {
  const iterator = chunks[Symbol.iterator]();
  return new ByteSource(() => iterator.next().value as Buffer | undefined);
}
