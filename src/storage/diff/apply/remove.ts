// Removes files below an open directory. No symbolic link is followed, and no mount point is entered.

import { rmdir, unlink } from 'node:fs/promises';
import { isDirectory } from '../tree/compare.ts';
import type { Directory } from '../tree/directory.ts';

/** Removes `name` with its content. @returns whether it existed @throws SyscallError EXDEV for a mount point */
export async function removeAll(
  directory: Directory,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  signal?.throwIfAborted();
  const stats = await directory.look(name);
  if (stats === undefined) return false;
  if (!isDirectory(stats)) {
    await unlink(directory.at(name));
    return true;
  }
  using inner = directory.below(name);
  for (const one of await inner.names()) await removeAll(inner, one, signal);
  await rmdir(directory.at(name));
  return true;
}

/**
 * Removes everything below the directory `path` except the paths for which `keep` returns true. Paths are inside the
 * layer.
 */
export async function removeAllBut(
  directory: Directory,
  path: string,
  keep: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  for (const name of await directory.names()) {
    const inside = path === '' ? name : `${path}/${name}`;
    if (!keep(inside)) {
      await removeAll(directory, name, signal);
      continue;
    }
    const stats = await directory.look(name);
    if (!stats || !isDirectory(stats)) continue;
    using inner = directory.below(name);
    await removeAllBut(inner, inside, keep, signal);
  }
}
