// An open directory. Calls relative to its descriptor act in it even if its path changes.

import { type BigIntStats, closeSync } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { openDirectoryBelow, openDirectoryBelowInThread } from '../../../ioctl/file/openat2.ts';
import { isErrno } from '../../../ioctl/libc/errno.ts';
import { toBytes } from './paths.ts';

/** An open directory. Disposing closes it. */
export class Directory implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** A path to `name` in this directory through its descriptor; without a name, to the directory itself. */
  at(name?: string): Buffer {
    return toBytes(`/proc/self/fd/${this.fd}${name === undefined ? '' : `/${name}`}`);
  }

  /** The stats of `name`; `undefined` if it does not exist. */
  async look(name: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(this.at(name), { bigint: true });
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** The names in the directory, unordered. */
  names(): Promise<string[]> {
    return readdir(this.at(), { encoding: 'latin1' });
  }

  /** Opens a directory below, refusing symbolic links and mount points. `path` has no leading slash. */
  below(path: string): Directory {
    return new Directory(
      openDirectoryBelow({ root: this.fd, path: toBytes(path), way: 'beneath' }),
    );
  }

  /** Like `below`, for a path that the kernel may have to read from disk. */
  async beneath(path: string, signal?: AbortSignal): Promise<Directory> {
    const call = { root: this.fd, path: toBytes(path), way: 'beneath' } as const;
    return new Directory(await openDirectoryBelowInThread(call, signal));
  }

  /** Opens a directory below by a path with symbolic links, which are resolved inside this directory. */
  async inside(path: string, signal?: AbortSignal): Promise<Directory> {
    const call = { root: this.fd, path: toBytes(path), way: 'in-root' } as const;
    return new Directory(await openDirectoryBelowInThread(call, signal));
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** Opens the top of a layer. @throws Node's own ENOENT or ENOTDIR */
export async function openTop(path: string): Promise<Directory> {
  const handle = await open(path, 'r');
  try {
    // An empty path for openat2 means `.`. The new descriptor has no FileHandle that garbage collection would close.
    return new Directory(handle.fd).below('');
  } finally {
    await handle.close();
  }
}
