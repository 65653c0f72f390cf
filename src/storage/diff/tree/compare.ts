// Decides whether a file differs from the file in the layer below. The kernel's file times are exact to one clock step only.

import { type BigIntStats, constants, readlinkSync } from 'node:fs';
import { getXattr, listXattrs } from '../../../ioctl/file/xattr.ts';
import { sameContent } from './content.ts';
import type { Directory } from './directory.ts';
import { type Comparison, UNSTOPPABLE } from './options.ts';

/**
 * The longest step of the clock of file times, in milliseconds. The clock advances with the timer interrupt, at least 100
 * times a second (CONFIG_HZ). A file time is up to one step older than the change, and two changes within one step can get
 * the same time. Source: current_time() in fs/inode.c, ktime_get_coarse_real_ts64() in
 * Documentation/core-api/timekeeping.rst of Linux.
 */
export const CLOCK_STEP_MS = 10;
/** The longest step of the clock, in nanoseconds. */
export const CLOCK_STEP_NS = 10_000_000n;

const NS = 1_000_000_000n;
const { S_IFMT, S_IFDIR, S_IFREG, S_IFLNK, S_IFSOCK } = constants;
const isType = (stats: BigIntStats, type: number): boolean =>
  (Number(stats.mode) & S_IFMT) === type;

/** Whether a file is a directory. */
export const isDirectory = (stats: BigIntStats): boolean => isType(stats, S_IFDIR);
/** Whether a file is a regular file. */
const isRegular = (stats: BigIntStats): boolean => isType(stats, S_IFREG);
/** Whether a file is a symbolic link. */
const isLink = (stats: BigIntStats): boolean => isType(stats, S_IFLNK);
/** Whether a file is a socket, which a tar cannot store. */
export const isSocket = (stats: BigIntStats): boolean => isType(stats, S_IFSOCK);

/** Attributes of the mount or the machine, not of the layer. */
const FOREIGN_XATTRS: readonly string[] = ['security.selinux'];

/** Whether an extended attribute belongs to the layer. */
export const isOwnXattr = (name: string): boolean => !FOREIGN_XATTRS.includes(name);

/** The names of the extended attributes that belong to the layer. */
export const ownXattrs = (path: Uint8Array): readonly string[] =>
  listXattrs(path).filter(isOwnXattr);

/** A file in an open directory. */
export interface Entry {
  readonly directory: Directory;
  readonly name: string;
  readonly stats: BigIntStats;
}

const UNTOUCHED = ['ino', 'ctimeNs', 'mtimeNs', 'size', 'mode', 'uid', 'gid', 'rdev'] as const;

/**
 * A snapshot has the inodes of its origin, with their numbers and ctimes. Every change of a file sets its ctime to the
 * current time, and no call sets another one. So a file is unchanged in both trees if inode number and ctime are equal and
 * the ctime is older than the snapshot. A later ctime proves nothing: within one step of the clock, both trees can change the
 * same file.
 */
const untouched = (a: BigIntStats, b: BigIntStats, snapshotTime: bigint | undefined): boolean =>
  snapshotTime !== undefined &&
  a.ctimeNs < snapshotTime - CLOCK_STEP_NS &&
  UNTOUCHED.every((field) => a[field] === b[field]);

/** Compares times as Docker does: a time without a fraction may have lost it in a tar. */
const sameTime = (a: bigint, b: bigint): boolean =>
  a === b || (a / NS === b / NS && (a % NS === 0n || b % NS === 0n));

/** Compares the attributes that Docker compares. Size and time of a directory do not count. */
function sameAttributes(a: BigIntStats, b: BigIntStats): boolean {
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.rdev !== b.rdev) return false;
  return isDirectory(a) || (a.size === b.size && sameTime(a.mtimeNs, b.mtimeNs));
}

function sameXattrs(a: Uint8Array, b: Uint8Array): boolean {
  const names = ownXattrs(a);
  if (names.join('\0') !== ownXattrs(b).join('\0')) return false;
  return names.every((name) => {
    const value = getXattr(a, name);
    const other = getXattr(b, name);
    return value !== undefined && other !== undefined && value.equals(other);
  });
}

const sameTarget = (a: Buffer, b: Buffer): boolean =>
  readlinkSync(a, 'latin1') === readlinkSync(b, 'latin1');

/** Whether a file is the same in both trees, for what a layer stores. The content of a directory does not count. */
export function isSame(
  a: Entry,
  b: Entry,
  { checkpoint = UNSTOPPABLE, snapshotTime }: Comparison = {},
): boolean {
  if (untouched(a.stats, b.stats, snapshotTime)) return true;
  if (!sameAttributes(a.stats, b.stats)) return false;
  const paths = [a.directory.at(a.name), b.directory.at(b.name)] as const;
  if (!sameXattrs(...paths)) return false;
  if (isLink(a.stats)) return sameTarget(...paths);
  return !isRegular(a.stats) || sameContent(...paths, checkpoint);
}
