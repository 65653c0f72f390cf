// The content of a file for a tar: exactly as long as its header states, or an error.

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextData, nextHole } from '../../../ioctl/file/holes.ts';
import { isErrno } from '../../../ioctl/libc/errno.ts';
import { padding } from '../tar/block.ts';
import { CLOCK_STEP_MS, CLOCK_STEP_NS } from '../tree/compare.ts';
import { openFile, readAt } from '../tree/content.ts';
import { DiffError } from '../tree/errors.ts';

const CHUNK = 256n * 1024n;

const changed = (entry: string, problem: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_CHANGED', entry, problem: `${problem} during the read` });

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** A file for `contentOf`. */
export interface ContentToPack {
  /** The path inside the layer, for errors. */
  readonly path: string;
  /** The path for the kernel. */
  readonly at: Buffer;
  /** The stats of its header. */
  readonly stats: BigIntStats;
  readonly signal?: AbortSignal | undefined;
}

async function reopen(path: string, at: Buffer): Promise<FileHandle> {
  try {
    return await openFile(at);
  } catch (error) {
    // Now a symbolic link, a socket, a device without a driver, or nothing.
    if (!isErrno(error, 'ELOOP', 'ENOENT', 'ENXIO')) throw error;
    throw changed(path, 'it was replaced');
  }
}

/**
 * Waits until a write would change the file's mtime. Within one step of the kernel's clock, two writes get the same
 * time, and the second would not show.
 */
async function outlastTime(mtime: bigint, signal: AbortSignal | undefined): Promise<void> {
  const age = BigInt(Date.now()) * 1_000_000n - mtime;
  if (age > -CLOCK_STEP_NS && age < CLOCK_STEP_NS)
    await sleep(2 * CLOCK_STEP_MS, undefined, { signal });
}

/**
 * The content of a file, padded to a whole block. Holes are not read from disk.
 * @throws DiffError ERR_DIFF_CHANGED when the file changed since `stats`
 */
export async function* contentOf({
  path,
  at,
  stats,
  signal,
}: ContentToPack): AsyncGenerator<Buffer> {
  await using file = await reopen(path, at);
  const found = await file.stat({ bigint: true });
  const { ino, dev, size } = found;
  // A deleted file's inode number is soon reused, so the type is compared as well.
  const same = found.isFile() && ino === stats.ino && dev === stats.dev;
  if (!same) throw changed(path, 'it was replaced');
  if (size !== stats.size) throw changed(path, 'its size changed');
  await outlastTime(stats.mtimeNs, signal);
  for (let position = 0n; position < size; ) {
    signal?.throwIfAborted();
    const data = nextData(file.fd, position) ?? size;
    if (data > position) {
      const length = smaller(smaller(data, size) - position, CHUNK);
      yield Buffer.alloc(Number(length));
      position += length;
      continue;
    }
    const hole = nextHole(file.fd, position) ?? size;
    const bytes = await readAt(
      file,
      position,
      Number(smaller(smaller(hole, size) - position, CHUNK)),
    );
    if (bytes.length === 0) throw changed(path, 'it shrank');
    yield bytes;
    position += BigInt(bytes.length);
  }
  const after = await file.stat({ bigint: true });
  if (after.size !== size || after.mtimeNs !== stats.mtimeNs)
    throw changed(path, 'it was written to');
  if (padding(size) > 0) yield Buffer.alloc(padding(size));
}
