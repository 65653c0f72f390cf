// Sets the attributes of a file. No symbolic link is followed.

import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, open, statfs } from 'node:fs/promises';
import { setTimes } from '../../../ioctl/file/file-node.ts';
import { O_PATH } from '../../../ioctl/file/openat2.ts';
import { removeXattr, setXattr } from '../../../ioctl/file/xattr.ts';
import { type ErrnoCode, isErrno } from '../../../ioctl/libc/errno.ts';
import type { TarEntry } from '../tar/entry.ts';
import { isOwnXattr, ownXattrs } from '../tree/compare.ts';
import type { Directory } from '../tree/directory.ts';
import { toBytes } from '../tree/paths.ts';
import type { LeftOut } from './left-out.ts';

/** A file in a directory that is open. */
export interface Target {
  readonly directory: Directory;
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/** Sets the mode. chmod(2) follows links, so a descriptor holds the file meanwhile. */
export async function setMode({ directory, name }: Target, mode: number): Promise<void> {
  await using file = await open(directory.at(name), O_PATH | constants.O_NOFOLLOW);
  await chmod(`/proc/self/fd/${file.fd}`, mode);
}

/** Sets the modification and access times to `time`, in nanoseconds since 1970. */
export const setTime = ({ directory, name, signal }: Target, time: bigint): Promise<void> =>
  setTimes(
    { directory: directory.fd, name: toBytes(name), signal },
    { accessed: time, modified: time },
  );

const ACL = 'system.posix_acl_';

/**
 * Removes the ACLs that a new file inherits from the default ACL of its directory: the tar does not grant that access.
 */
export async function removeInheritedAcls({ directory, name, signal }: Target): Promise<void> {
  const at = directory.at(name);
  for (const key of ownXattrs(at)) if (key.startsWith(ACL)) await removeXattr(at, key, signal);
}

/**
 * Errors of lsetxattr(2) that are due to the attribute: the filesystem, the file type or the kernel does not support it
 * or its length. Source: xattr(7), setxattr(2).
 */
const NOT_HELD: readonly ErrnoCode[] = [
  'ENOTSUP',
  'EPERM',
  'EACCES',
  'EINVAL',
  'ERANGE',
  'E2BIG',
  'ENAMETOOLONG',
];

/** Whether an attribute is not supported, while the rest of the layer can still be unpacked. */
async function isNotHeld(error: unknown, at: Buffer): Promise<boolean> {
  if (isErrno(error, ...NOT_HELD)) return true;
  // ext4 fails with ENOSPC if an attribute is larger than the space for attributes.
  return isErrno(error, 'ENOSPC') && (await statfs(at)).bavail > 0;
}

/** Sets an extended attribute. One that is not supported is left out, as in Docker, GNU tar and bsdtar. */
async function setOrLeaveOut(
  { directory, name, signal }: Target,
  [key, value]: readonly [string, Buffer],
  leftOut: LeftOut,
): Promise<void> {
  const at = directory.at(name);
  try {
    await setXattr(at, key, value, signal);
  } catch (error) {
    if (!(await isNotHeld(error, at))) throw error;
    leftOut.add(key, error as NodeJS.ErrnoException);
  }
}

/** The attributes to set. */
export interface AttributesToSet {
  readonly entry: TarEntry;
  /** The open file, if there is one. */
  readonly file?: FileHandle;
  /** The file is new, and must have only attributes from the tar. */
  readonly isNew: boolean;
  /** Records the attributes that cannot be set. */
  readonly leftOut: LeftOut;
}

/**
 * Sets owner, mode, extended attributes and time, in this order: a new owner clears setuid and security.capability. The
 * time of a directory is not set here, because each new entry in it changes the time.
 */
export async function setAttributes(
  target: Target,
  { entry, file, isNew, leftOut }: AttributesToSet,
): Promise<void> {
  const { directory, name, signal } = target;
  const at = directory.at(name);
  if (isNew && entry.type !== 'symlink') await removeInheritedAcls(target);
  await (file ? file.chown(entry.uid, entry.gid) : lchown(at, entry.uid, entry.gid));
  if (file) await file.chmod(entry.mode);
  else if (entry.type !== 'symlink') await setMode(target, entry.mode);
  for (const [key, value] of entry.xattrs) {
    if (isOwnXattr(key)) await setOrLeaveOut(target, [key, value], leftOut);
  }
  if (entry.allXattrs) {
    for (const key of ownXattrs(at)) {
      if (!entry.xattrs.has(key)) await removeXattr(at, key, signal);
    }
  }
  if (entry.type !== 'directory') await setTime(target, entry.mtime);
}
