// Hard links. A tar stores a name as a hard link to another one, and the layer below may have linked its files
// otherwise. This file decides which names must be written again, and the link target of each.

import { isDirectory } from './compare.ts';
import { inPieces } from './pieces.ts';
import type { WalkEntry } from './walk.ts';

async function groupBy<T>(
  items: readonly T[],
  key: (item: T) => bigint,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<bigint, readonly T[]>> {
  const groups = new Map<bigint, T[]>();
  for await (const piece of inPieces(items, signal)) {
    for (const item of piece) {
      const group = groups.get(key(item));
      if (group) group.push(item);
      else groups.set(key(item), [item]);
    }
  }
  return groups;
}

const NOWHERE = -1n;
const inUpper = ({ stats }: WalkEntry): bigint => stats.ino;
const inLower = ({ lower }: WalkEntry): bigint => lower?.ino ?? NOWHERE;

const isMixed = (group: readonly WalkEntry[], other: (met: WalkEntry) => bigint): boolean =>
  group.some((met) => other(met) !== other(group[0]!));

/** The unchanged names whose hard links differ from those below. They count as modified. */
async function relinked(
  unchanged: readonly WalkEntry[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<WalkEntry>> {
  const below = await groupBy(unchanged, inLower, signal);
  const torn = [...below.values()].filter((group) => isMixed(group, inUpper));
  const above = await groupBy(unchanged, inUpper, signal);
  const joined = [...above].filter(([, group]) => isMixed(group, inLower));
  const inodes = new Set([...torn.flat().map(inUpper), ...joined.map(([inode]) => inode)]);
  return new Set(unchanged.filter((met) => inodes.has(inUpper(met))));
}

/** The names that must be written although their content is unchanged, and the link target of each name. */
export interface Links {
  readonly relinked: ReadonlySet<WalkEntry>;
  readonly targets: ReadonlyMap<WalkEntry, string>;
}

/** The files of a walk whose links matter: the unchanged ones, and those with several names. */
async function linkedFiles(
  met: readonly WalkEntry[],
  signal: AbortSignal | undefined,
): Promise<readonly WalkEntry[]> {
  const files: WalkEntry[] = [];
  for await (const piece of inPieces(met, signal)) {
    for (const one of piece) {
      const { stats, kind } = one;
      const matters = kind === undefined ? stats.nlink > 0n : stats.nlink > 1n;
      if (matters && kind !== 'deleted' && !isDirectory(stats)) files.push(one);
    }
  }
  return files;
}

/** Finds the hard links among the files of a walk, sorted by path. */
export async function sortLinks(met: readonly WalkEntry[], signal?: AbortSignal): Promise<Links> {
  const files = await linkedFiles(met, signal);
  const unchanged = files.filter(({ kind }) => kind === undefined);
  const again = await relinked(unchanged, signal);
  const isWritten = (one: WalkEntry): boolean => one.kind !== undefined || again.has(one);
  const several = files.filter(({ stats }) => stats.nlink > 1n);
  const groups = [...(await groupBy(several, inUpper, signal)).values()];
  const targets = new Map<WalkEntry, string>();
  for await (const piece of inPieces(groups, signal)) {
    for (const group of piece) {
      const first = group.find((one) => !isWritten(one)) ?? group[0]!;
      for (const one of group) {
        if (one !== first && isWritten(one)) targets.set(one, first.path);
      }
    }
  }
  return { relinked: again, targets };
}
