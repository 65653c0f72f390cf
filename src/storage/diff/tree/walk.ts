// Walks two trees side by side, with the current directory of each open.

import type { BigIntStats } from 'node:fs';
import { type CompareOptions, isDirectory, isSame } from './compare.ts';
import type { Directory } from './directory.ts';

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

async function namesOf({ upper, lower }: Pair): Promise<string[]> {
  const names = await Promise.all([upper?.names(), lower?.names()]);
  return [...new Set(names.flatMap((some) => some ?? []))];
}

/** Yields what differs between two open directories, depth first, without unchanged parent directories. */
export async function* walk(
  pair: Pair,
  device: bigint,
  options: CompareOptions,
): AsyncGenerator<WalkEntry> {
  const names = await namesOf(pair);
  for (let i = 0; i < names.length; i += AT_ONCE) {
    options.signal?.throwIfAborted();
    const some = names.slice(i, i + AT_ONCE).map((name) => meet(pair, name, options));
    for (const met of await Promise.all(some)) {
      if (met === undefined) continue;
      if (met.kind || sharesInode(met.stats) || sharesInode(met.lower)) yield met;
      // A mount below is not part of the layer.
      if (met.kind === 'deleted' || !isDirectory(met.stats) || met.stats.dev !== device) continue;
      yield* descend(pair, met, device, options);
    }
  }
}

async function* descend(
  pair: Pair,
  { path, lower: below }: WalkEntry,
  device: bigint,
  options: CompareOptions,
): AsyncGenerator<WalkEntry> {
  const name = path.slice(pair.path.length + 1);
  using upper = pair.upper?.below(name);
  using lower = below && isDirectory(below) ? pair.lower?.below(name) : undefined;
  yield* walk({ path, upper, lower }, device, options);
}
