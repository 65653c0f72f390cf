// A change as an entry of a tar.

import { type BigIntStats, constants, readlinkSync } from 'node:fs';
import { getXattr } from '../../../ioctl/file/xattr.ts';
import { type ErrnoCode, isErrno } from '../../../ioctl/libc/errno.ts';
import { decodeDevT } from '../../../ioctl/struct/c-values.ts';
import type { EntryType, TarEntry } from '../tar/entry.ts';
import { isDirectory, ownXattrs } from '../tree/compare.ts';
import type { Directory } from '../tree/directory.ts';
import { DiffError } from '../tree/errors.ts';
import { nameOf, parentOf, WHITEOUT } from '../tree/paths.ts';

const { S_IFMT, S_IFREG, S_IFLNK, S_IFCHR, S_IFBLK, S_IFDIR, S_IFIFO } = constants;

const types: ReadonlyMap<number, EntryType> = new Map<number, EntryType>([
  [S_IFREG, 'file'],
  [S_IFLNK, 'symlink'],
  [S_IFCHR, 'character-device'],
  [S_IFBLK, 'block-device'],
  [S_IFDIR, 'directory'],
  [S_IFIFO, 'fifo'],
]);

const unpackable = (entry: string, problem: string): DiffError =>
  new DiffError({ code: 'ERR_DIFF_FILE', entry, problem });

const BLANK: TarEntry = {
  type: 'file',
  path: '',
  linkPath: '',
  mode: 0,
  uid: 0,
  gid: 0,
  size: 0n,
  mtime: 0n,
  major: 0n,
  minor: 0n,
  xattrs: new Map(),
  allXattrs: false,
};

/** The whiteout of a deleted path: an empty entry whose bytes depend on the path only. */
export function whiteoutOf(path: string): TarEntry {
  const directory = parentOf(path);
  return { ...BLANK, path: `${directory}/${WHITEOUT}${nameOf(path)}`.slice(1) };
}

function xattrsOf(path: string, at: Buffer): ReadonlyMap<string, Buffer> {
  const xattrs = new Map<string, Buffer>();
  for (const name of ownXattrs(at)) {
    if (name.includes('=')) {
      throw unpackable(path, `a tar cannot store its attribute ${name}: the name contains "="`);
    }
    const value = getXattr(at, name);
    if (value) xattrs.set(name, value);
  }
  return xattrs;
}

/** A file in its directory. */
export interface FileToPack {
  readonly path: string;
  readonly stats: BigIntStats;
  readonly directory: Directory;
  /** The top of the layer below, if there is one. */
  readonly lower: Directory | undefined;
  readonly linkTo: string | undefined;
}

const NOT_THERE: readonly ErrnoCode[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** The extended attributes of a directory in the layer below. */
function xattrsBelow({ path, stats, lower }: FileToPack): readonly string[] {
  if (!lower || !isDirectory(stats)) return [];
  try {
    using directory = lower.below(path.slice(1));
    return ownXattrs(directory.at('.'));
  } catch (error) {
    if (isErrno(error, ...NOT_THERE)) return [];
    throw error;
  }
}

/** The entry of a file, without its content. @throws DiffError ERR_DIFF_FILE for a file that a tar cannot store */
export function entryOf(file: FileToPack): TarEntry {
  const { path, stats, directory, linkTo } = file;
  const name = nameOf(path);
  if (name.startsWith(WHITEOUT)) {
    throw unpackable(
      path,
      `a layer's tar cannot store a name that begins with ${WHITEOUT}: it would be a whiteout`,
    );
  }
  const type = linkTo === undefined ? types.get(Number(stats.mode) & S_IFMT) : 'link';
  if (type === undefined) throw unpackable(path, 'a tar cannot store a file of its type');
  const at = directory.at(name);
  const xattrs = type === 'link' ? new Map<string, Buffer>() : xattrsOf(path, at);
  const isDevice = type === 'character-device' || type === 'block-device';
  const symlinkTarget = type === 'symlink' ? readlinkSync(at, 'latin1') : '';
  return {
    ...BLANK,
    type,
    path: path.slice(1),
    linkPath: linkTo?.slice(1) ?? symlinkTarget,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: type === 'file' ? stats.size : 0n,
    mtime: stats.mtimeNs,
    ...(isDevice ? decodeDevT(stats.rdev) : {}),
    xattrs,
    // Without the record, a reader keeps attributes that the entry does not list.
    allXattrs: xattrsBelow(file).some((one) => !xattrs.has(one)),
  };
}
