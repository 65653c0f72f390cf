// The lock of a storage directory. It is on the directory itself, so it leaves no file, and the kernel drops it when
// its process dies.

import { readFile, stat } from 'node:fs/promises';
import { majorOf, minorOf } from '../../dm/wire/device-number.ts';
import { type Flock, lockFile } from '../../ioctl/file/flock.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { StorageError } from '../config/errors.ts';

/** Takes the lock. @throws StorageError ERR_STORAGE_LOCKED, which names the process that has it */
export async function lockRoot(root: string): Promise<Flock> {
  try {
    return await lockFile(root, { directory: true });
  } catch (error) {
    if (!isErrno(error, 'EAGAIN')) throw error;
    const pid = await attempt(() => lockHolder(root));
    throw new StorageError({
      code: 'ERR_STORAGE_LOCKED',
      subject: root,
      problem: pid === undefined ? 'another process has it open' : `process ${pid} has it open`,
      hint: 'End that process, or wait until it has closed the directory',
      cause: error,
    });
  }
}

/** The id of the process that has the lock of a directory. Source: proc_locks(5). */
export async function lockHolder(path: string): Promise<number | undefined> {
  const { dev, ino } = await stat(path, { bigint: true });
  const hex = (n: number): string => n.toString(16).padStart(2, '0');
  const file = `${hex(majorOf(dev))}:${hex(minorOf(dev))}:${ino}`;
  const locks = await readFile('/proc/locks', 'utf8');
  const pid = locks
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((words) => words[1] === 'FLOCK' && words[5] === file)?.[4];
  return pid === undefined ? undefined : Number(pid);
}
