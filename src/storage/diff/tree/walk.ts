// Walks two trees side by side, with the current directory of each open.

import type { BigIntStats } from 'node:fs';
import { isDirectory, isSame } from './compare.ts';
import type { Directory } from './directory.ts';
import { type Comparison, UNSTOPPABLE } from './options.ts';

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

interface Pair {
  readonly path: string;
  readonly upper: Directory | undefined;
  readonly lower: Directory | undefined;
}

const sharesInode = (stats: BigIntStats | undefined): boolean =>
  stats !== undefined && !isDirectory(stats) && stats.nlink > 1n;

/** Compares one name in both trees; `undefined` if it has disappeared from both. */
function meet(pair: Pair, name: string, comparison: Comparison): WalkEntry | undefined {
  const path = `${pair.path}/${name}`;
  const [stats, lower] = [pair.upper?.look(name), pair.lower?.look(name)];
  if (stats === undefined) return lower && { path, kind: 'deleted', stats: lower, lower };
  if (lower === undefined) return { path, kind: 'added', stats, lower };
  const same = isSame(
    { directory: pair.upper!, name, stats },
    { directory: pair.lower!, name, stats: lower },
    comparison,
  );
  return { path, kind: same ? undefined : 'modified', stats, lower };
}

const namesOf = ({ upper, lower }: Pair): readonly string[] => [
  ...new Set([...(upper?.names() ?? []), ...(lower?.names() ?? [])]),
];

/** A directory in the middle of the walk. */
interface Level extends Disposable {
  readonly pair: Pair;
  readonly names: readonly string[];
  /** The number of names that are compared. */
  done: number;
}

const levelOf = (pair: Pair, close: () => void): Level => ({
  pair,
  names: namesOf(pair),
  done: 0,
  [Symbol.dispose]: close,
});

function descend({ pair }: Level, { path, lower: below }: WalkEntry): Level {
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
    return levelOf({ path, upper, lower }, close);
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Yields what differs between two open directories, depth first, without unchanged parent directories. The levels are in a
 * list: in nested generators, each entry would pass through one generator per level.
 */
export function* walk(
  pair: Pair,
  device: bigint,
  comparison: Comparison,
): Generator<WalkEntry, void, void> {
  const { checkpoint = UNSTOPPABLE } = comparison;
  const levels = [levelOf(pair, () => undefined)];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      checkpoint();
      const name = level.names[level.done++];
      if (name === undefined) {
        levels.pop()?.[Symbol.dispose]();
        continue;
      }
      const met = meet(level.pair, name, comparison);
      if (met === undefined) continue;
      if (met.kind || sharesInode(met.stats) || sharesInode(met.lower)) yield met;
      // A mount below is not part of the layer.
      if (met.kind === 'deleted' || !isDirectory(met.stats) || met.stats.dev !== device) continue;
      levels.push(descend(level, met));
    }
  } finally {
    for (const level of levels) level[Symbol.dispose]();
  }
}
