// Reads a file of a storage directory whatever is in its place: opening it never waits, and reading it is bounded.

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { isErrno, messageOf } from '../../ioctl/libc/errno.ts';
import { StorageError } from '../config/errors.ts';
import { kindOf } from './file-kind.ts';

/** No record that Docker or this library writes is longer, in bytes. */
export const RECORD_MAX = 4096;

/**
 * O_NONBLOCK: opening a fifo would wait for a writer. O_NOCTTY: a terminal would become the controlling one. O_NOFOLLOW:
 * Docker and this library replace records by renaming, so neither leaves a symbolic link.
 */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/** How a file is read. */
export interface ReadRecordOptions {
  /** The longest valid file, in bytes. @default RECORD_MAX */
  readonly max?: number;
  /** A directory counts as missing. @default false */
  readonly skipDirectory?: boolean;
  /** Memory of more than `max` bytes. @default new memory for each file */
  readonly buffer?: Buffer;
}

/**
 * The text of a regular file; `undefined` if nothing has its name. Synchronous: for thousands of files, promises take
 * longer than the calls themselves.
 * @throws StorageError ERR_STORAGE_RECORD, which names the file, for anything else and for a file that cannot be read
 */
export function readRecordFile(
  path: string,
  { max = RECORD_MAX, skipDirectory = false, buffer }: ReadRecordOptions = {},
): string | undefined {
  try {
    const fd = openSync(path, FLAGS);
    try {
      const found = fstatSync(fd);
      if (skipDirectory && found.isDirectory()) return undefined;
      if (!found.isFile()) throw notRecord(path, max, kindOf(found));
      if (found.size > max) throw notRecord(path, max, `${found.size} bytes`);
      return readText(fd, path, max, buffer ?? Buffer.alloc(found.size + 1));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return refuseDevice(path, max);
    if (error instanceof StorageError) throw error;
    throw isErrno(error, 'ELOOP')
      ? notRecord(path, max, 'a symbolic link', error)
      : unreadable(path, error);
  }
}

/** Linux opens the node of a terminal, if it is not below `/dev`, with ENOENT too. @throws StorageError ERR_STORAGE_RECORD */
function refuseDevice(path: string, max: number): undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // A file was created in between.
  if (found === undefined || found.isFile()) return;
  throw notRecord(path, max, kindOf(found));
}

/** Reads to the end of the file. Another process may be changing it. */
function readText(fd: number, path: string, max: number, buffer: Buffer): string {
  let length = 0;
  for (;;) {
    const got = readSync(fd, buffer, length, buffer.length - length, null);
    length += got;
    if (got === 0) return buffer.toString('utf8', 0, length);
    if (length === buffer.length) throw notRecord(path, max, 'a file that grows');
  }
}

const notRecord = (path: string, max: number, got: string, cause?: unknown): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: path,
    problem: `not a record of this storage: expected a regular file of at most ${max} bytes, got ${got}`,
    hint: 'Nothing was changed. Restore a copy of the file, or move it away if it belongs to another storage',
    cause,
  });

const unreadable = (path: string, cause: unknown): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: path,
    problem: `cannot read this record: ${messageOf(cause)}`,
    hint: 'Nothing was changed',
    cause,
  });
