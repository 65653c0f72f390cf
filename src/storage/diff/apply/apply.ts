// Unpacks a layer's tar into a directory that has the content of the layer below.

import type { Readable } from 'node:stream';
import { checkFields, isPath, isReadable } from '../../../ioctl/input/checks.ts';
import { onAbort } from '../../../ioctl/input/on-abort.ts';
import { type ErrnoCode, isErrno } from '../../../ioctl/libc/errno.ts';
import { type ReadEntry, readEntries } from '../tar/read.ts';
import { ByteSource } from '../tar/source.ts';
import { isDirectory } from '../tree/compare.ts';
import { DiffError } from '../tree/errors.ts';
import { DIFF, type DiffOptions } from '../tree/options.ts';
import { AUFS_OWN, insideLayer, nameOf, OPAQUE, parentOf, WHITEOUT } from '../tree/paths.ts';
import { setTime } from './attributes.ts';
import { type Layer, openLayer } from './layer.ts';
import type { LeftOutXattr } from './left-out.ts';
import { removeAllBut } from './remove.ts';
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
async function whiteOut(
  layer: Layer,
  path: string,
  { paths }: Unpacked,
  signal: AbortSignal | undefined,
): Promise<void> {
  const parent = parentOf(path);
  const directory = await layer.directory(parent);
  if (nameOf(path) === OPAQUE) {
    layer.forget();
    return removeAllBut(directory, parent, (one) => paths.has(one), signal);
  }
  const name = nameOf(path).slice(WHITEOUT.length);
  if (name === '' || name === '.' || name === '..') {
    const problem = `invalid whiteout: ${JSON.stringify(name)} is not a file name`;
    throw new DiffError({ code: 'ERR_DIFF_ENTRY', entry: path, problem });
  }
  return layer.remove(directory, name);
}

async function applyEntry(
  layer: Layer,
  read: ReadEntry,
  unpacked: Unpacked,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = insideLayer(read.entry.path, read.entry.path);
  if (path.startsWith(AUFS_OWN) && path !== OPAQUE) return;
  if (nameOf(path).startsWith(WHITEOUT)) return whiteOut(layer, path, unpacked, signal);
  layer.leftOut.path = read.entry.path;
  await unpackEntry(layer, path, read, signal);
  remember(unpacked, path, read);
}

/** An error with the path of the entry instead of the path of a descriptor. */
function named(error: unknown, entry: string): unknown {
  if (error instanceof DiffError || !(error instanceof Error)) return error;
  const problem = error.message.replace(/ '\/proc\/self\/fd\/.*$/s, '');
  return new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem, cause: error });
}

const GONE: readonly ErrnoCode[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

async function setDirectoryTimes(layer: Layer, { times }: Unpacked, signal?: AbortSignal) {
  for (const [path, time] of times) {
    signal?.throwIfAborted();
    const name = path === '' ? '.' : nameOf(path);
    try {
      const directory = await layer.directory(parentOf(path), { create: false });
      const stats = await directory.look(name);
      if (stats && isDirectory(stats)) await setTime({ directory, name, signal }, time);
    } catch (error) {
      // A later entry replaced the directory.
      if (!isErrno(error, ...GONE)) throw named(error, path);
    }
  }
}

async function apply(
  layer: Layer,
  source: ByteSource,
  { signal, onProgress }: DiffOptions,
): Promise<bigint> {
  const unpacked: Unpacked = { paths: new Set(), times: new Map() };
  let [entries, bytes] = [0, 0n];
  for await (const read of readEntries(source)) {
    signal?.throwIfAborted();
    try {
      await applyEntry(layer, read, unpacked, signal);
    } catch (error) {
      throw named(error, read.entry.path);
    }
    bytes += read.entry.size;
    entries++;
    onProgress?.({ entries, bytes: source.taken });
  }
  await setDirectoryTimes(layer, unpacked, signal);
  return bytes;
}

/**
 * Unpacks a layer's tar into the directory `target`, on top of its content: whiteouts, hard links, devices, owners,
 * modes, times and extended attributes. No tar can change anything outside `target` or in a mount below it. After an
 * error or an abort, `target` has a part of the layer.
 * @throws DiffError ERR_DIFF_TAR for a stream that is not a tar or ends too early, ERR_DIFF_ENTRY for an entry that
 * cannot be unpacked, with the system's error as its cause
 */
export async function applyDiff(
  target: string,
  tar: Readable,
  options: DiffOptions = {},
): Promise<AppliedDiff> {
  isPath(target, 'target');
  isReadable(tar, 'tar');
  checkFields(options, DIFF);
  const { signal } = options;
  const stop = (): void => void tar.destroy();
  // The iterator reports errors of the stream. A later error has no reader and is dropped.
  tar.on('error', () => {});
  const stopListening = onAbort(signal, stop);
  try {
    signal?.throwIfAborted();
    using layer = await openLayer(target, signal);
    const source = new ByteSource(tar);
    const bytes = await apply(layer, source, options);
    return { bytes, tarBytes: source.taken, leftOut: layer.leftOut.xattrs() };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopListening();
    tar.destroy();
  }
}
