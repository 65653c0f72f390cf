// Removes files below an open directory. No symbolic link is followed, and no mount point is entered.

import { rmdirSync, unlinkSync } from 'node:fs';
import { isDirectory } from '../tree/compare.ts';
import type { Directory } from '../tree/directory.ts';
import type { Checkpoint } from '../tree/options.ts';

/** A directory that is being emptied. */
interface Level extends Disposable {
  readonly above: Directory;
  readonly name: string;
  readonly inner: Directory;
  /** What is left to remove in it. */
  readonly names: string[];
}

/** Removes `name` unless it is a directory. @returns the directory, if it is one */
function removeFile(above: Directory, name: string): Level | undefined {
  const stats = above.look(name);
  if (stats === undefined) return undefined;
  if (!isDirectory(stats)) {
    unlinkSync(above.at(name));
    return undefined;
  }
  const inner = above.below(name);
  return {
    above,
    name,
    inner,
    names: inner.names(),
    [Symbol.dispose]: () => inner[Symbol.dispose](),
  };
}

/**
 * Removes `name` with its content, if it exists. The levels are in a list: a tree can be deeper than the stack.
 * @throws SyscallError EXDEV for a mount point
 */
export function removeAll(directory: Directory, name: string, checkpoint: Checkpoint): void {
  const levels: Level[] = [];
  const enter = (level: Level | undefined): void => void (level && levels.push(level));
  try {
    enter(removeFile(directory, name));
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      checkpoint();
      const next = level.names.pop();
      if (next !== undefined) {
        enter(removeFile(level.inner, next));
        continue;
      }
      levels.pop()?.[Symbol.dispose]();
      rmdirSync(level.above.at(level.name));
    }
  } finally {
    for (const level of levels) level[Symbol.dispose]();
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
