// Opens regular files safely, and reads them without their holes.

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { nextData } from '../../../ioctl/file/holes.ts';
import type { Checkpoint } from './options.ts';

const CHUNK = 256 * 1024;
/** The bytes that are compared. A thread compares one pair of files at a time. */
const [LEFT, RIGHT] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)];
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** An open file or directory. Disposing closes it. */
export class OpenFile implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** Opens a regular file for reading. The call does not block if the file has become a FIFO or a device. */
export const openFile = (path: Buffer): OpenFile =>
  new OpenFile(openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));

/** Fills `buffer` from `position`. @returns the bytes that were read: fewer at the end of the file */
export function readAt({ fd }: OpenFile, position: bigint, buffer: Buffer): number {
  let filled = 0;
  while (filled < buffer.length) {
    const bytes = readSync(fd, buffer, filled, buffer.length - filled, Number(position) + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return filled;
}

const least = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** Whether two regular files have the same content. Holes in both are not read. */
export function sameContent(a: Buffer, b: Buffer, checkpoint: Checkpoint): boolean {
  using one = openFile(a);
  using other = openFile(b);
  let position = 0n;
  for (;;) {
    checkpoint();
    const next = least(nextData(one.fd, position), nextData(other.fd, position));
    if (next === undefined) return true;
    const length = readAt(one, next, LEFT);
    if (length !== readAt(other, next, RIGHT)) return false;
    if (LEFT.compare(RIGHT, 0, length, 0, length) !== 0) return false;
    if (length < CHUNK) return true;
    position = next + BigInt(CHUNK);
  }
}
