// Hard links. A tar stores a name as a hard link to another one, and the layer below may have linked its files
// otherwise. This file decides which names must be written again, and the link target of each.

import { isDirectory } from './compare.ts';
import type { WalkEntry } from './walk.ts';

function groupBy<T>(
  items: readonly T[],
  key: (item: T) => bigint,
): ReadonlyMap<bigint, readonly T[]> {
  const groups = new Map<bigint, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const NOWHERE = -1n;
const inUpper = ({ stats }: WalkEntry): bigint => stats.ino;
const inLower = ({ lower }: WalkEntry): bigint => lower?.ino ?? NOWHERE;

const isMixed = (group: readonly WalkEntry[], other: (met: WalkEntry) => bigint): boolean =>
  group.some((met) => other(met) !== other(group[0]!));

/** The unchanged names whose hard links differ from those below. They count as modified. */
function relinked(unchanged: readonly WalkEntry[]): ReadonlySet<WalkEntry> {
  const below = groupBy(unchanged, inLower);
  const torn = [...below.values()].filter((group) => isMixed(group, inUpper));
  const above = groupBy(unchanged, inUpper);
  const joined = [...above].filter(([, group]) => isMixed(group, inLower));
  const inodes = new Set([...torn.flat().map(inUpper), ...joined.map(([inode]) => inode)]);
  return new Set(unchanged.filter((met) => inodes.has(inUpper(met))));
}

/** The names that must be written although their content is unchanged, and the link target of each name. */
export interface Links {
  readonly relinked: ReadonlySet<WalkEntry>;
  readonly targets: ReadonlyMap<WalkEntry, string>;
}

/** Whether the links of a name matter: it is unchanged, or its file has several names. */
const isLinked = ({ stats, kind }: WalkEntry): boolean =>
  kind !== 'deleted' && !isDirectory(stats) && (kind === undefined || stats.nlink > 1n);

/** Finds the hard links among the files of a walk, sorted by path. */
export function sortLinks(met: readonly WalkEntry[]): Links {
  const files = met.filter(isLinked);
  const unchanged = files.filter(({ kind }) => kind === undefined);
  const again = relinked(unchanged);
  const isWritten = (one: WalkEntry): boolean => one.kind !== undefined || again.has(one);
  const several = files.filter(({ stats }) => stats.nlink > 1n);
  const targets = new Map<WalkEntry, string>();
  for (const group of groupBy(several, inUpper).values()) {
    const first = group.find((one) => !isWritten(one)) ?? group[0]!;
    for (const one of group) {
      if (one !== first && isWritten(one)) targets.set(one, first.path);
    }
  }
  return { relinked: again, targets };
}
