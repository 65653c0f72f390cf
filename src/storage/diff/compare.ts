// Whether a file is the same in a layer and in the one below it.

import { type BigIntStats, constants } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { getXattr, listXattrs } from '../../ioctl/xattr.ts';
import { CLOCK_STEP } from './clock.ts';
import { sameContent } from './content.ts';
import type { Directory } from './directory.ts';

const NS = 1_000_000_000n;
const { S_IFMT, S_IFDIR, S_IFREG, S_IFLNK, S_IFSOCK } = constants;
const isType = (stats: BigIntStats, type: number): boolean =>
  (Number(stats.mode) & S_IFMT) === type;

/** Whether it is a directory. */
export const isDirectory = (stats: BigIntStats): boolean => isType(stats, S_IFDIR);
/** Whether it is a regular file. */
export const isRegular = (stats: BigIntStats): boolean => isType(stats, S_IFREG);
/** Whether it is a symbolic link. */
export const isLink = (stats: BigIntStats): boolean => isType(stats, S_IFLNK);
/** Whether it is a socket, which no tar can hold. */
export const isSocket = (stats: BigIntStats): boolean => isType(stats, S_IFSOCK);

/** Set by how a layer is mounted, or by the machine it is on: nothing of the layer's own. */
const NOT_THE_LAYERS: readonly string[] = ['security.selinux'];

/** Whether an extended attribute belongs to the layer. */
export const isOwnXattr = (name: string): boolean => !NOT_THE_LAYERS.includes(name);

/** The names of the extended attributes that belong to the layer. */
export const ownXattrs = (path: Uint8Array): readonly string[] =>
  listXattrs(path).filter(isOwnXattr);

/** A file in a directory that is open. */
export interface Entry {
  readonly directory: Directory;
  readonly name: string;
  readonly stats: BigIntStats;
}

/** How two trees are compared. */
export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * A moment before the snapshot that made two trees of one, nanoseconds since 1970. For two snapshots of one origin it is
   * the earlier one. Without it, files with equal attributes are compared by their content.
   */
  readonly snapshotTime?: bigint | undefined;
}

const UNTOUCHED = ['ino', 'ctimeNs', 'mtimeNs', 'size', 'mode', 'uid', 'gid', 'rdev'] as const;

/**
 * A snapshot has the inodes of its origin, with their numbers and times of change (ctime). Every change of a file sets its
 * ctime, and no call sets it back. So a file is unchanged in both trees where inode number and ctime are equal and the
 * ctime is older than the snapshot. A younger ctime proves nothing: within one step of the clock, both trees can have
 * changed the same file.
 */
const untouched = (a: BigIntStats, b: BigIntStats, snapshotTime: bigint | undefined): boolean =>
  snapshotTime !== undefined &&
  a.ctimeNs < snapshotTime - CLOCK_STEP &&
  UNTOUCHED.every((field) => a[field] === b[field]);

/** Times as Docker compares them: a side without a fraction may have lost it on its way through a tar. */
const sameTime = (a: bigint, b: bigint): boolean =>
  a === b || (a / NS === b / NS && (a % NS === 0n || b % NS === 0n));

/** The attributes that Docker compares. Size and time of a directory say nothing about it. */
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

async function sameTarget(a: Buffer, b: Buffer): Promise<boolean> {
  const [target, other] = await Promise.all([a, b].map((path) => readlink(path, 'latin1')));
  return target === other;
}

/** Whether a file is the same here as there, for what a layer holds of it. A directory's content is not looked at. */
export async function isSame(
  a: Entry,
  b: Entry,
  { signal, snapshotTime }: CompareOptions = {},
): Promise<boolean> {
  if (untouched(a.stats, b.stats, snapshotTime)) return true;
  if (!sameAttributes(a.stats, b.stats)) return false;
  const paths = [a.directory.at(a.name), b.directory.at(b.name)] as const;
  if (!sameXattrs(...paths)) return false;
  if (isLink(a.stats)) return sameTarget(...paths);
  return !isRegular(a.stats) || sameContent(...paths, signal);
}
