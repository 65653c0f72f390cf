// What a file is beside its content, set on the file itself: no symbolic link is followed.

import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, open } from 'node:fs/promises';
import { setTimes } from '../../ioctl/file-node.ts';
import { O_PATH } from '../../ioctl/openat2.ts';
import { removeXattr, setXattr } from '../../ioctl/xattr.ts';
import { isOwnXattr, ownXattrs } from './compare.ts';
import type { Directory } from './directory.ts';
import { toBytes } from './path.ts';
import type { TarEntry } from './tar/entry.ts';

/** A file in a directory that is open. */
export interface Target {
  readonly directory: Directory;
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/** chmod(2) follows links, so the file is held first: what the descriptor is of cannot be swapped. */
export async function setMode({ directory, name }: Target, mode: number): Promise<void> {
  await using file = await open(directory.at(name), O_PATH | constants.O_NOFOLLOW);
  await chmod(`/proc/self/fd/${file.fd}`, mode);
}

/** Set the time of modification, and of access to the same. */
export const setTime = ({ directory, name, signal }: Target, time: bigint): Promise<void> =>
  setTimes(
    { directory: directory.fd, name: toBytes(name), signal },
    { accessed: time, modified: time },
  );

/**
 * Set owner, mode, extended attributes and time, in this order: a new owner takes setuid and security.capability away, and
 * every one of them sets the time of change. The time of a directory is not set: it lasts until something is made in it.
 * `file` is the file itself where it is open.
 */
export async function setAttributes(
  target: Target,
  entry: TarEntry,
  file?: FileHandle,
): Promise<void> {
  const { directory, name, signal } = target;
  const at = directory.at(name);
  await (file ? file.chown(entry.uid, entry.gid) : lchown(at, entry.uid, entry.gid));
  if (file) await file.chmod(entry.mode);
  else if (entry.type !== 'symlink') await setMode(target, entry.mode);
  for (const [key, value] of entry.xattrs) {
    if (isOwnXattr(key)) await setXattr(at, key, value, signal);
  }
  if (entry.allXattrs) {
    for (const key of ownXattrs(at)) {
      if (!entry.xattrs.has(key)) await removeXattr(at, key, signal);
    }
  }
  if (entry.type !== 'directory') await setTime(target, entry.mtime);
}
