// Walks two trees side by side, with the current directory of each open.

import type { BigIntStats } from 'node:fs';
import { type CompareOptions, isDirectory, isSame } from './compare.ts';
import type { Directory } from './directory.ts';
import { inPieces } from './pieces.ts';

/** How a file of a layer differs from the layer below. */
export type ChangeKind = 'added' | 'modified' | 'deleted';

/** A change, or a file with several hard links, whose names matter even if it is unchanged. */
export interface WalkEntry {
  /** Inside the layer, with a leading slash, one byte per character. */
  readonly path: string;
  readonly kind: ChangeKind | undefined;
  /** In the upper layer; in the lower one for a deleted file. */
  readonly stats: BigIntStats;
  /** In the lower layer, if the name exists there. */
  readonly lower: BigIntStats | undefined;
}

/** The number of names compared at once: enough for all threads of libuv, and few enough not to block the process. */
const AT_ONCE = 32;

interface Pair {
  readonly path: string;
  readonly upper: Directory | undefined;
  readonly lower: Directory | undefined;
}

const sharesInode = (stats: BigIntStats | undefined): boolean =>
  stats !== undefined && !isDirectory(stats) && stats.nlink > 1n;

/** Compares one name in both trees; `undefined` if it has disappeared from both. */
async function meet(
  pair: Pair,
  name: string,
  options: CompareOptions,
): Promise<WalkEntry | undefined> {
  const path = `${pair.path}/${name}`;
  const [stats, lower] = await Promise.all([pair.upper?.look(name), pair.lower?.look(name)]);
  if (stats === undefined) return lower && { path, kind: 'deleted', stats: lower, lower };
  if (lower === undefined) return { path, kind: 'added', stats, lower };
  const same = await isSame(
    { directory: pair.upper!, name, stats },
    { directory: pair.lower!, name, stats: lower },
    options,
  );
  return { path, kind: same ? undefined : 'modified', stats, lower };
}

async function namesOf({ upper, lower }: Pair): Promise<readonly string[]> {
  const [names = [], below = []] = await Promise.all([upper?.names(), lower?.names()]);
  const all = new Set<string>();
  for await (const piece of inPieces([...names, ...below])) {
    for (const name of piece) all.add(name);
  }
  return [...all];
}

/** A directory in the middle of the walk. */
interface Level extends Disposable {
  readonly pair: Pair;
  readonly names: readonly string[];
  /** The number of names that are compared. */
  done: number;
  /** What is compared and not yielded yet. */
  met: (WalkEntry | undefined)[];
}

const levelOf = async (pair: Pair, close: () => void): Promise<Level> => ({
  pair,
  names: await namesOf(pair),
  done: 0,
  met: [],
  [Symbol.dispose]: close,
});

async function descend({ pair }: Level, { path, lower: below }: WalkEntry): Promise<Level> {
  const name = path.slice(pair.path.length + 1);
  const opened: Directory[] = [];
  const open = (directory: Directory | undefined): Directory | undefined => {
    const inner = directory?.below(name);
    if (inner) opened.push(inner);
    return inner;
  };
  const close = (): void => {
    for (const directory of opened) directory[Symbol.dispose]();
  };
  try {
    const upper = open(pair.upper);
    const lower = below && isDirectory(below) ? open(pair.lower) : undefined;
    return await levelOf({ path, upper, lower }, close);
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Yields what differs between two open directories, depth first, without unchanged parent directories. The levels are in a
 * list: in nested generators, each entry would pass through one generator per level.
 */
export async function* walk(
  pair: Pair,
  device: bigint,
  options: CompareOptions,
): AsyncGenerator<WalkEntry> {
  const levels = [await levelOf(pair, () => undefined)];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (level.met.length === 0) {
        options.signal?.throwIfAborted();
        const some = level.names.slice(level.done, level.done + AT_ONCE);
        if (some.length === 0) levels.pop()?.[Symbol.dispose]();
        level.done += some.length;
        level.met = await Promise.all(some.map((name) => meet(level.pair, name, options)));
        continue;
      }
      const met = level.met.shift();
      if (met === undefined) continue;
      if (met.kind || sharesInode(met.stats) || sharesInode(met.lower)) yield met;
      // A mount below is not part of the layer.
      if (met.kind === 'deleted' || !isDirectory(met.stats) || met.stats.dev !== device) continue;
      levels.push(await descend(level, met));
    }
  } finally {
    for (const level of levels) level[Symbol.dispose]();
  }
}
