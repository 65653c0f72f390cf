// Unpacks a layer's tar into a directory that has the content of the layer below.

import { type ErrnoCode, isErrno } from '../../../ioctl/libc/errno.ts';
import { type ReadEntry, readEntries } from '../tar/read.ts';
import type { ByteSource } from '../tar/source.ts';
import { isDirectory } from '../tree/compare.ts';
import { DiffError } from '../tree/errors.ts';
import { type Checkpoint, type DiffProgress, UNSTOPPABLE } from '../tree/options.ts';
import { AUFS_OWN, insideLayer, nameOf, OPAQUE, parentOf, WHITEOUT } from '../tree/paths.ts';
import { setTime } from './attributes.ts';
import { type Layer, openLayer } from './layer.ts';
import type { LeftOutXattr } from './left-out.ts';
import { unpackEntry } from './unpack-entry.ts';

/** The result of unpacking a tar. */
export interface AppliedDiff {
  /** Bytes of content of all entries. Docker counts the same. */
  readonly bytes: bigint;
  /** Bytes of the tar. */
  readonly tarBytes: bigint;
  /**
   * Extended attributes that the filesystem refused, by name and reason. The rest of their entries is unpacked. Docker,
   * containerd, GNU tar and bsdtar leave such attributes out as well.
   */
  readonly leftOut: readonly LeftOutXattr[];
}

/** The state that unpacking keeps until its end. */
interface Unpacked {
  /** The paths of this tar, and their parent directories. */
  readonly paths: Set<string>;
  /** The times of directories, which are set after their last entry. */
  readonly times: Map<string, bigint>;
}

function remember({ paths, times }: Unpacked, path: string, { entry }: ReadEntry): void {
  if (entry.type === 'directory') times.set(path, entry.mtime);
  for (let one = path; one !== '' && !paths.has(one); one = parentOf(one)) paths.add(one);
}

/** Applies a whiteout: deletes a path, or all of a directory that this tar did not write. */
function whiteOut(layer: Layer, path: string, { paths }: Unpacked): void {
  const parent = parentOf(path);
  if (nameOf(path) === OPAQUE) {
    layer.removeAllBut(parent, (one) => paths.has(one));
    return;
  }
  const name = nameOf(path).slice(WHITEOUT.length);
  if (name === '' || name === '.' || name === '..') {
    const problem = `invalid whiteout: ${JSON.stringify(name)} is not a file name`;
    throw new DiffError({ code: 'ERR_DIFF_ENTRY', entry: path, problem });
  }
  layer.remove(layer.directory(parent), name);
}

function applyEntry(layer: Layer, read: ReadEntry, unpacked: Unpacked): void {
  const path = insideLayer(read.entry.path, read.entry.path);
  if (path.startsWith(AUFS_OWN) && path !== OPAQUE) return;
  if (nameOf(path).startsWith(WHITEOUT)) {
    whiteOut(layer, path, unpacked);
    return;
  }
  layer.leftOut.path = read.entry.path;
  unpackEntry(layer, path, read);
  remember(unpacked, path, read);
}

/** An error with the path of the entry instead of the path of a descriptor. */
function named(error: unknown, entry: string): unknown {
  if (error instanceof DiffError || !(error instanceof Error)) return error;
  const problem = error.message.replace(/ '\/proc\/self\/fd\/.*$/s, '');
  return new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem, cause: error });
}

const GONE: readonly ErrnoCode[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

function setDirectoryTimes(layer: Layer, { times }: Unpacked, checkpoint: Checkpoint): void {
  for (const [path, time] of times) {
    checkpoint();
    const name = path === '' ? '.' : nameOf(path);
    try {
      const directory = layer.directory(parentOf(path), { create: false });
      const stats = directory.look(name);
      if (stats && isDirectory(stats)) setTime({ directory, name }, time);
    } catch (error) {
      // A later entry replaced the directory.
      if (!isErrno(error, ...GONE)) throw named(error, path);
    }
  }
}

/** How a tar is unpacked. */
export interface UnpackOptions {
  readonly checkpoint?: Checkpoint;
  /** Called after each entry. */
  readonly onEntry?: (progress: DiffProgress) => void;
}

/** Unpacks a layer's tar into the directory `target`, on top of its content. @throws DiffError */
export function unpackTar(
  target: string,
  source: ByteSource,
  { checkpoint = UNSTOPPABLE, onEntry }: UnpackOptions = {},
): AppliedDiff {
  using layer = openLayer(target, checkpoint);
  const unpacked: Unpacked = { paths: new Set(), times: new Map() };
  let [entries, bytes] = [0, 0n];
  for (const read of readEntries(source)) {
    checkpoint();
    try {
      applyEntry(layer, read, unpacked);
    } catch (error) {
      checkpoint();
      throw named(error, read.entry.path);
    }
    bytes += read.entry.size;
    entries++;
    onEntry?.({ entries, bytes: source.taken });
  }
  setDirectoryTimes(layer, unpacked, checkpoint);
  return { bytes, tarBytes: source.taken, leftOut: layer.leftOut.xattrs() };
}
