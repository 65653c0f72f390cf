// A directory that is held open. What is done by its descriptor is done in it, whatever becomes of its path.

import { type BigIntStats, closeSync } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { isErrno } from '../../ioctl/errno.ts';
import { openDirectoryBelow, openDirectoryBelowInThread } from '../../ioctl/openat2.ts';
import { toBytes } from './path.ts';

/** A directory that is held open. Disposing of it lets go. */
export class Directory implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** A path by which the kernel finds `name` in here; without a name, this directory. */
  at(name?: string): Buffer {
    return toBytes(`/proc/self/fd/${this.fd}${name === undefined ? '' : `/${name}`}`);
  }

  /** What `name` is, undefined where there is nothing of that name. */
  async look(name: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(this.at(name), { bigint: true });
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** The names in it, in no order. */
  names(): Promise<string[]> {
    return readdir(this.at(), { encoding: 'latin1' });
  }

  /** A directory in it, symbolic links and mount points refused. `path` has no slash in front. */
  below(path: string): Directory {
    return new Directory(
      openDirectoryBelow({ root: this.fd, path: toBytes(path), way: 'beneath' }),
    );
  }

  /** A directory in it by a path that may lead through symbolic links, which never lead out of it. */
  async inside(path: string, signal?: AbortSignal): Promise<Directory> {
    const call = { root: this.fd, path: toBytes(path), way: 'in-root' } as const;
    return new Directory(await openDirectoryBelowInThread(call, signal));
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** Open the top of a layer. @throws Node's own ENOENT or ENOTDIR */
export async function openTop(path: string): Promise<Directory> {
  const handle = await open(path, 'r');
  try {
    // An empty path for openat2 is `.`: a descriptor of our own, which no garbage collection closes.
    return new Directory(handle.fd).below('');
  } finally {
    await handle.close();
  }
}
