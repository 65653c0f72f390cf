// The content of an entry, in pieces, without holes.

import { DiffError } from '../tree/errors.ts';
import { padding } from './block.ts';
import type { ByteSource } from './source.ts';
import type { Stretch } from './sparse.ts';

/** Bytes of a file and their position. The file has holes between pieces and after the last one. */
export interface Piece {
  readonly position: number;
  readonly bytes: Buffer;
}

const CHUNK = 256 * 1024;

/** The error for a stream that ends too early. */
export const cutShort = (entry?: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_TAR', entry, problem: 'the tar is cut short' });

function* stretchOf(
  source: ByteSource,
  path: string,
  { offset, length }: Stretch,
): Generator<Piece> {
  for (let done = 0; done < length; ) {
    const bytes = source.some(Math.min(CHUNK, length - done));
    if (bytes === undefined) throw cutShort(path);
    yield { position: offset + done, bytes };
    done += bytes.length;
  }
}

/** The content of an entry in the tar. */
export interface EntryContent {
  readonly path: string;
  /** Number of its bytes in the tar, with the sparse map before them. */
  readonly content: bigint;
  /** The positions of the bytes in the file. */
  readonly stretches: Iterable<Stretch>;
}

/**
 * Reads the content of an entry. The padding of the last file may be missing: some writers omit it.
 * @throws DiffError
 */
export function* contentOf(
  source: ByteSource,
  { path, content, stretches }: EntryContent,
): Generator<Piece> {
  for (const stretch of stretches) yield* stretchOf(source, path, stretch);
  for (let left = padding(content); left > 0; ) {
    const bytes = source.some(left);
    if (bytes === undefined) return;
    left -= bytes.length;
  }
}
