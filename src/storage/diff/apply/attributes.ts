// Sets the attributes of a file. No symbolic link is followed.

import {
  chmodSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  openSync,
  statfsSync,
} from 'node:fs';
import { setTimes } from '../../../ioctl/file/file-node.ts';
import { O_PATH } from '../../../ioctl/file/openat2.ts';
import { removeXattr, setXattr } from '../../../ioctl/file/xattr.ts';
import { type ErrnoCode, isErrno } from '../../../ioctl/libc/errno.ts';
import type { TarEntry } from '../tar/entry.ts';
import { isOwnXattr, ownXattrs } from '../tree/compare.ts';
import { OpenFile } from '../tree/content.ts';
import type { Directory } from '../tree/directory.ts';
import { toBytes } from '../tree/paths.ts';
import type { LeftOut } from './left-out.ts';

/** A file in a directory that is open. */
export interface Target {
  readonly directory: Directory;
  readonly name: string;
}

/** Sets the mode. chmod(2) follows links, so a descriptor holds the file meanwhile. */
export function setMode({ directory, name }: Target, mode: number): void {
  using file = new OpenFile(openSync(directory.at(name), O_PATH | constants.O_NOFOLLOW));
  chmodSync(`/proc/self/fd/${file.fd}`, mode);
}

/** Sets the modification and access times to `time`, in nanoseconds since 1970. */
export const setTime = ({ directory, name }: Target, time: bigint): void =>
  setTimes({ directory: directory.fd, name: toBytes(name) }, { accessed: time, modified: time });

const ACL = 'system.posix_acl_';

/**
 * Removes the ACLs that a new file inherits from the default ACL of its directory: the tar does not grant that access.
 */
export function removeInheritedAcls({ directory, name }: Target): void {
  const at = directory.at(name);
  for (const key of ownXattrs(at)) if (key.startsWith(ACL)) removeXattr(at, key);
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
function isNotHeld(error: unknown, at: Buffer): boolean {
  if (isErrno(error, ...NOT_HELD)) return true;
  // ext4 fails with ENOSPC if an attribute is larger than the space for attributes.
  return isErrno(error, 'ENOSPC') && statfsSync(at).bavail > 0;
}

/** Sets an extended attribute. One that is not supported is left out, as in Docker, GNU tar and bsdtar. */
function setOrLeaveOut(
  { directory, name }: Target,
  [key, value]: readonly [string, Buffer],
  leftOut: LeftOut,
): void {
  const at = directory.at(name);
  try {
    setXattr(at, key, value);
  } catch (error) {
    if (!isNotHeld(error, at)) throw error;
    leftOut.add(key, error as NodeJS.ErrnoException);
  }
}

/** The attributes to set. */
export interface AttributesToSet {
  readonly entry: TarEntry;
  /** The open file, if there is one. */
  readonly file?: OpenFile;
  /** The file is new, and must have only attributes from the tar. */
  readonly isNew: boolean;
  /** Records the attributes that cannot be set. */
  readonly leftOut: LeftOut;
}

/**
 * Sets owner, mode, extended attributes and time, in this order: a new owner clears setuid and security.capability. The
 * time of a directory is not set here, because each new entry in it changes the time.
 */
export function setAttributes(
  target: Target,
  { entry, file, isNew, leftOut }: AttributesToSet,
): void {
  const { directory, name } = target;
  const at = directory.at(name);
  if (isNew && entry.type !== 'symlink') removeInheritedAcls(target);
  if (file) fchownSync(file.fd, entry.uid, entry.gid);
  else lchownSync(at, entry.uid, entry.gid);
  if (file) fchmodSync(file.fd, entry.mode);
  else if (entry.type !== 'symlink') setMode(target, entry.mode);
  for (const [key, value] of entry.xattrs) {
    if (isOwnXattr(key)) setOrLeaveOut(target, [key, value], leftOut);
  }
  if (entry.allXattrs) {
    for (const key of ownXattrs(at)) {
      if (!entry.xattrs.has(key)) removeXattr(at, key);
    }
  }
  if (entry.type !== 'directory') setTime(target, entry.mtime);
}
