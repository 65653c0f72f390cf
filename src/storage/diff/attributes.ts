// What a file is beside its content, set on the file itself: no symbolic link is followed.

import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, open, statfs } from 'node:fs/promises';
import { type ErrnoCode, isErrno } from '../../ioctl/errno.ts';
import { setTimes } from '../../ioctl/file-node.ts';
import { O_PATH } from '../../ioctl/openat2.ts';
import { removeXattr, setXattr } from '../../ioctl/xattr.ts';
import { isOwnXattr, ownXattrs } from './compare.ts';
import type { Directory } from './directory.ts';
import type { LeftOut } from './left-out.ts';
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

const ACL = 'system.posix_acl_';

/** Remove the ACLs that something new has from its directory's default ACL: the tar does not give that access. */
export async function removeInheritedAcls({ directory, name, signal }: Target): Promise<void> {
  const at = directory.at(name);
  for (const key of ownXattrs(at)) if (key.startsWith(ACL)) await removeXattr(at, key, signal);
}

/**
 * The reasons of lsetxattr(2) that lie in the attribute: the filesystem, the type of file or the kernel does not have such
 * attributes, or not of this length. Source: xattr(7), setxattr(2).
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

/** Whether an attribute cannot be held, for a reason that does not make the rest of the layer fail. */
async function isNotHeld(error: unknown, at: Buffer): Promise<boolean> {
  if (isErrno(error, ...NOT_HELD)) return true;
  // ext4 says so of an attribute that is larger than the place it has.
  return isErrno(error, 'ENOSPC') && (await statfs(at)).bavail > 0;
}

/** Set an extended attribute. One that the file cannot have is left out, as by Docker, GNU tar and bsdtar. */
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

/** What attributes are set on, and how. */
export interface AttributesToSet {
  readonly entry: TarEntry;
  /** The file itself where it is open. */
  readonly file?: FileHandle;
  /** It was made just now, and is to have nothing that the tar does not give. */
  readonly isNew: boolean;
  /** Takes note of what cannot be set. */
  readonly leftOut: LeftOut;
}

/**
 * Set owner, mode, extended attributes and time, in this order: a new owner takes setuid and security.capability away, and
 * every one of them sets the time of change. The time of a directory is not set: it lasts until something is made in it.
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
