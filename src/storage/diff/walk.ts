// Two trees side by side, each directory of both held open while one is in it.

import type { BigIntStats } from 'node:fs';
import { type CompareOptions, isDirectory, isSame } from './compare.ts';
import type { Directory } from './directory.ts';

/** How a file of a layer differs from the layer below. */
export type ChangeKind = 'added' | 'modified' | 'deleted';

/** What the walk met: a change, or a file with several names, whose names matter even where it is unchanged. */
export interface Met {
  /** Inside the layer, with a slash in front, one byte a character. */
  readonly path: string;
  readonly kind: ChangeKind | undefined;
  /** In the upper layer; for what was deleted, in the lower one. */
  readonly stats: BigIntStats;
  /** In the lower layer, where it has something of this name. */
  readonly lower: BigIntStats | undefined;
}

/** Enough to keep all threads of libuv busy, and few enough that no directory holds up the process. */
const AT_ONCE = 32;

interface Pair {
  readonly path: string;
  readonly upper: Directory | undefined;
  readonly lower: Directory | undefined;
}

const sharesInode = (stats: BigIntStats | undefined): boolean =>
  stats !== undefined && !isDirectory(stats) && stats.nlink > 1n;

/** Look at one name on both sides, undefined where it is gone from both. */
async function meet(pair: Pair, name: string, options: CompareOptions): Promise<Met | undefined> {
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

async function namesOf({ upper, lower }: Pair): Promise<string[]> {
  const names = await Promise.all([upper?.names(), lower?.names()]);
  return [...new Set(names.flatMap((some) => some ?? []))];
}

/** What differs between two directories that are open, depth first, without the directories in between. */
export async function* walk(
  pair: Pair,
  device: bigint,
  options: CompareOptions,
): AsyncGenerator<Met> {
  const names = await namesOf(pair);
  for (let i = 0; i < names.length; i += AT_ONCE) {
    options.signal?.throwIfAborted();
    const some = names.slice(i, i + AT_ONCE).map((name) => meet(pair, name, options));
    for (const met of await Promise.all(some)) {
      if (met === undefined) continue;
      if (met.kind || sharesInode(met.stats) || sharesInode(met.lower)) yield met;
      // What is mounted there is not part of the layer.
      if (met.kind === 'deleted' || !isDirectory(met.stats) || met.stats.dev !== device) continue;
      yield* descend(pair, met, device, options);
    }
  }
}

async function* descend(
  pair: Pair,
  { path, lower: below }: Met,
  device: bigint,
  options: CompareOptions,
): AsyncGenerator<Met> {
  const name = path.slice(pair.path.length + 1);
  using upper = pair.upper?.below(name);
  using lower = below && isDirectory(below) ? pair.lower?.below(name) : undefined;
  yield* walk({ path, upper, lower }, device, options);
}
