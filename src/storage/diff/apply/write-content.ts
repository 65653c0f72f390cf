// Writes the content of a new file. Blocks of zeros become holes.

import { ftruncateSync, writeSync } from 'node:fs';
import type { Piece } from '../tar/content.ts';
import type { OpenFile } from '../tree/content.ts';

/** The block size of common filesystems, or a divisor of it, in bytes. */
const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);

const isZero = (bytes: Buffer): boolean =>
  bytes[0] === 0 && bytes.equals(ZEROS.subarray(0, bytes.length));

/** The ranges of `bytes`, which start at `position` in the file, that are not blocks of zeros. */
function* stretches(
  bytes: Buffer,
  position: number,
): Generator<readonly [start: number, end: number]> {
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + BLOCK - ((position + at) % BLOCK));
    if (isZero(bytes.subarray(at, end))) {
      if (at > start) yield [start, at];
      start = end;
    }
    at = end;
  }
  if (bytes.length > start) yield [start, bytes.length];
}

/** Writes content into a new empty file, and sets its size to `size` bytes. */
export function writeContent({ fd }: OpenFile, content: Iterable<Piece>, size: bigint): void {
  let written = 0;
  for (const { position, bytes } of content) {
    for (const [start, end] of stretches(bytes, position)) {
      for (let at = start; at < end; ) {
        at += writeSync(fd, bytes, at, end - at, position + at);
      }
      written = position + end;
    }
  }
  if (written < size) ftruncateSync(fd, Number(size));
}
