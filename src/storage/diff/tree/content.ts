// Opens regular files safely, and reads them without their holes.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { nextData } from '../../../ioctl/file/holes.ts';

const CHUNK = 256 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** Opens a regular file for reading. The call does not block if the file has become a FIFO or a device. */
export const openFile = (path: Buffer): Promise<FileHandle> =>
  open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

/** Reads exactly `length` bytes from `position`, or fewer at the end of the file. */
export async function readAt(file: FileHandle, position: bigint, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(
      buffer,
      filled,
      length - filled,
      Number(position) + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

const least = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** Whether two regular files have the same content. Holes in both are not read. */
export async function sameContent(a: Buffer, b: Buffer, signal?: AbortSignal): Promise<boolean> {
  await using one = await openFile(a);
  await using other = await openFile(b);
  let position = 0n;
  for (;;) {
    signal?.throwIfAborted();
    const next = least(nextData(one.fd, position), nextData(other.fd, position));
    if (next === undefined) return true;
    const [left, right] = await Promise.all([readAt(one, next, CHUNK), readAt(other, next, CHUNK)]);
    if (!left.equals(right)) return false;
    if (left.length < CHUNK) return true;
    position = next + BigInt(CHUNK);
  }
}
