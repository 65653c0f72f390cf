// Checks the files of a pool before anything opens them: opening a fifo would wait for a writer.

import { lstat, stat } from 'node:fs/promises';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { StorageError } from '../config/errors.ts';
import { kindOf } from '../directory/file-kind.ts';

/**
 * Whether a file of the pool has content: a process that died during its creation leaves an empty one. It may be a block
 * device, or a link to a file or a block device.
 * @throws StorageError ERR_STORAGE_POOL for anything else
 */
export async function hasContent(path: string): Promise<boolean> {
  try {
    await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw invalid(path, (error as Error).message, error);
  }
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(path);
  } catch (error) {
    throw invalid(path, `a symbolic link that leads nowhere: ${(error as Error).message}`, error);
  }
  if (found.isFile()) return found.size > 0;
  if (found.isBlockDevice()) return true;
  throw invalid(path, kindOf(found));
}

const invalid = (path: string, got: string, cause?: unknown): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: path,
    problem: `invalid file of the pool: expected a file or a block device, got ${got}`,
    hint: 'Nothing was changed. Mount the disk that it is on, or restore the file',
    cause,
  });
