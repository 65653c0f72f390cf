// The content of a file for a tar: exactly as long as its header states, or an error.

import { type BigIntStats, fstatSync } from 'node:fs';
import { nextData, nextHole } from '../../../ioctl/file/holes.ts';
import { isErrno } from '../../../ioctl/libc/errno.ts';
import { padding } from '../tar/block.ts';
import { CLOCK_STEP_MS, CLOCK_STEP_NS } from '../tree/compare.ts';
import { type OpenFile, openFile, readAt } from '../tree/content.ts';
import { DiffError } from '../tree/errors.ts';
import { type Checkpoint, UNSTOPPABLE } from '../tree/options.ts';

const CHUNK = 256n * 1024n;
/** The unit of `blocks` in stats, in bytes. */
const STATS_BLOCK = 512n;

/** Where a tar is written. */
export interface Sink {
  /** Lets `write` write at most `most` bytes into a buffer. @returns how many bytes it wrote */
  readonly fill: (most: number, write: (into: Buffer) => number) => number;
}

/** Writes bytes. */
export function put(sink: Sink, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    at += sink.fill(bytes.length - at, (into) => bytes.copy(into, 0, at));
  }
}

/** Writes as many zeros. */
function putZeros(sink: Sink, count: number): void {
  for (let left = count; left > 0; ) left -= sink.fill(left, (into) => into.fill(0).length);
}

const changed = (entry: string, problem: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_CHANGED', entry, problem: `${problem} during the read` });

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** A file whose content is packed. */
export interface ContentToPack {
  /** The path inside the layer, for errors. */
  readonly path: string;
  /** The path for the kernel. */
  readonly at: Buffer;
  /** The stats of its header. */
  readonly stats: BigIntStats;
}

function reopen(path: string, at: Buffer): OpenFile {
  try {
    return openFile(at);
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
function outlastTime(mtime: bigint): void {
  const age = BigInt(Date.now()) * 1_000_000n - mtime;
  if (age <= -CLOCK_STEP_NS || age >= CLOCK_STEP_NS) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * CLOCK_STEP_MS);
}

/**
 * Writes the content of a file, padded to a whole block. Holes are not read from disk.
 * @throws DiffError ERR_DIFF_CHANGED when the file changed since `stats`
 */
export function putContent(
  sink: Sink,
  { path, at, stats }: ContentToPack,
  checkpoint: Checkpoint = UNSTOPPABLE,
): void {
  using file = reopen(path, at);
  const found = fstatSync(file.fd, { bigint: true });
  const { ino, dev, size } = found;
  // A deleted file's inode number is soon reused, so the type is compared as well.
  const same = found.isFile() && ino === stats.ino && dev === stats.dev;
  if (!same) throw changed(path, 'it was replaced');
  if (size !== stats.size) throw changed(path, 'its size changed');
  outlastTime(stats.mtimeNs);
  // A file that takes as much space as its size has no hole that is worth a search.
  const isDense = found.blocks * STATS_BLOCK >= size;
  for (let position = 0n; position < size; ) {
    checkpoint();
    const data = isDense ? position : smaller(nextData(file.fd, position) ?? size, size);
    if (data > position) {
      const length = smaller(data - position, CHUNK);
      putZeros(sink, Number(length));
      position += length;
      continue;
    }
    const hole = isDense ? size : smaller(nextHole(file.fd, position) ?? size, size);
    const most = Number(smaller(hole - position, CHUNK));
    const length = sink.fill(most, (into) => readAt(file, position, into));
    if (length === 0) throw changed(path, 'it shrank');
    position += BigInt(length);
  }
  const after = fstatSync(file.fd, { bigint: true });
  if (after.size !== size || after.mtimeNs !== stats.mtimeNs)
    throw changed(path, 'it was written to');
  putZeros(sink, padding(size));
}
