// Reads and writes whole buffers: one call of Node can do less.

import type { FileHandle } from 'node:fs/promises';

/** Fills `bytes` from a position of a file. @throws RangeError at the end of the file */
export async function readFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) {
      throw new RangeError(`cannot read byte ${position + filled}: the file ends before it`);
    }
    filled += bytesRead;
  }
}

/** Writes all of `bytes` at a position of a file. */
export async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.length - written,
      position + written,
    );
    written += bytesWritten;
  }
}
