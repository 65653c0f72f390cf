// Removes files below an open directory. No symbolic link is followed, and no mount point is entered.

import { rmdirSync, unlinkSync } from 'node:fs';
import { isDirectory } from '../tree/compare.ts';
import type { Directory } from '../tree/directory.ts';
import type { Checkpoint } from '../tree/options.ts';

/** A directory that is being emptied. */
interface Level {
  readonly above: Directory;
  readonly name: string;
  readonly inner: Directory;
  /** What is left to remove in it; `undefined` before it is read. */
  names?: string[];
}

/**
 * Removes `top` with its content, if it exists. The levels are in a list: a tree can be deeper than the stack.
 * @throws SyscallError EXDEV for a mount point
 */
export function removeAll(directory: Directory, top: string, checkpoint: Checkpoint): void {
  const levels: Level[] = [];
  const removeOrEnter = (above: Directory, name: string): void => {
    const stats = above.look(name);
    if (stats === undefined) return;
    if (isDirectory(stats)) levels.push({ above, name, inner: above.below(name) });
    else unlinkSync(above.at(name));
  };
  try {
    removeOrEnter(directory, top);
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      checkpoint();
      level.names ??= level.inner.names();
      const next = level.names.pop();
      if (next !== undefined) {
        removeOrEnter(level.inner, next);
        continue;
      }
      levels.pop();
      level.inner[Symbol.dispose]();
      rmdirSync(level.above.at(level.name));
    }
  } finally {
    for (const { inner } of levels) inner[Symbol.dispose]();
  }
}

/**
 * Removes everything below the directory `path` except the paths for which `keep` returns true. Paths are inside the
 * layer. What is kept has a path in the tar, which limits its depth.
 */
export function removeAllBut(
  directory: Directory,
  path: string,
  keep: (path: string) => boolean,
  checkpoint: Checkpoint,
): void {
  for (const name of directory.names()) {
    checkpoint();
    const inside = path === '' ? name : `${path}/${name}`;
    if (!keep(inside)) {
      removeAll(directory, name, checkpoint);
      continue;
    }
    const stats = directory.look(name);
    if (!stats || !isDirectory(stats)) continue;
    using inner = directory.below(name);
    removeAllBut(inner, inside, keep, checkpoint);
  }
}
