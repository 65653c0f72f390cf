// Reads an image in parts, and leaves out the holes of a file.

import { constants, type FileHandle, open } from 'node:fs/promises';
import type { Bytes } from '../../dm/text/units.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { blockDeviceSize } from '../../ioctl/device/block.ts';
import { nextData, nextHole } from '../../ioctl/file/holes.ts';
import { EXPECTED_SOURCE, type ImageSource } from './image-source.ts';
import { readFully } from './whole.ts';

/** A part of an image. */
export interface ImagePart {
  readonly position: number;
  /** Valid until the next part is read. */
  readonly bytes: Buffer;
  /** Whether all bytes are zero. */
  readonly isZero: boolean;
}

/** An open image. */
export interface Image extends AsyncDisposable {
  /** In bytes; `undefined` for a stream. */
  readonly size: Bytes | undefined;
  /** Yields the parts in order, each of at most `partBytes` and at a multiple of it. Holes of a file are left out. */
  readonly parts: (partBytes: number) => AsyncGenerator<ImagePart, void>;
}

/** Opens an image. @throws InputError for a path of another kind; Node's own error from opening */
export async function openImage(source: ImageSource): Promise<Image> {
  if (typeof source !== 'string') {
    return {
      size: undefined,
      parts: (partBytes) => streamParts(source, partBytes),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  // A fifo would wait for its writer.
  const file = await open(source, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat({ bigint: true });
    if (!found.isFile() && !found.isBlockDevice()) {
      throw new InputError({ field: 'source', expected: EXPECTED_SOURCE, received: source });
    }
    const size = found.isFile() ? found.size : await blockDeviceSize(source);
    return {
      size,
      parts: (partBytes) => fileParts(file, Number(size), partBytes),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* fileParts(
  file: FileHandle,
  size: number,
  partBytes: number,
): AsyncGenerator<ImagePart, void> {
  const buffer = Buffer.alloc(partBytes);
  const isZero = zeroTest(partBytes);
  for (let position = 0; position < size; ) {
    // The first byte of data, down to the start of its part.
    const data = nextData(file.fd, BigInt(position));
    if (data === undefined) return;
    position += Math.floor((Number(data) - position) / partBytes) * partBytes;
    const end = Number(nextHole(file.fd, data) ?? size);
    for (; position < Math.min(end, size); position += partBytes) {
      const bytes = buffer.subarray(0, Math.min(partBytes, size - position));
      await readFully(file, bytes, position);
      yield { position, bytes, isZero: isZero(bytes) };
    }
  }
}

/** The bytes of a stream, in parts. */
async function* streamParts(
  source: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<ImagePart, void> {
  const buffer = Buffer.alloc(partBytes);
  const isZero = zeroTest(partBytes);
  let [position, filled] = [0, 0];
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) {
      throw new InputError({ field: 'source', expected: 'chunks of bytes', received: chunk });
    }
    for (let taken = 0; taken < chunk.length; ) {
      const more = Math.min(chunk.length - taken, partBytes - filled);
      buffer.set(chunk.subarray(taken, taken + more), filled);
      taken += more;
      filled += more;
      if (filled < partBytes) break;
      yield { position, bytes: buffer, isZero: isZero(buffer) };
      position += partBytes;
      filled = 0;
    }
  }
  const bytes = buffer.subarray(0, filled);
  if (filled > 0) yield { position, bytes, isZero: isZero(bytes) };
}

/** A test for bytes that are all zero, at most `max` of them. */
function zeroTest(max: number): (bytes: Buffer) => boolean {
  const zeros = Buffer.alloc(max);
  return (bytes) => bytes.equals(zeros.subarray(0, bytes.length));
}
