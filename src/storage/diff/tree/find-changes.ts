// Finds all changes between two layers, in the order of a tar.

import { isDirectory } from './compare.ts';
import { type Directory, openTop } from './directory.ts';
import { sortLinks } from './links.ts';
import type { Comparison } from './options.ts';
import { parentOf } from './paths.ts';
import { type ChangeKind, type WalkEntry, walk } from './walk.ts';

/** One change, with what a tar needs of it. */
export interface FoundChange {
  /** Inside the layer, with a leading slash, one byte per character. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** In bytes; 0 for a directory, a deleted path and a hard link. */
  readonly size: bigint;
  /** The path that this is a hard link to. It comes before this one, or is unchanged in the layer below. */
  readonly linkTo?: string | undefined;
}

/** Two open trees. */
export interface Trees {
  readonly upper: Directory;
  readonly lower: Directory | undefined;
}

/** Opens both trees. */
export function openTrees(upper: string, lower: string | undefined): Trees & Disposable {
  const top = openTop(upper);
  try {
    const bottom = lower === undefined ? undefined : openTop(lower);
    const close = (): void => {
      top[Symbol.dispose]();
      bottom?.[Symbol.dispose]();
    };
    return { upper: top, lower: bottom, [Symbol.dispose]: close };
  } catch (error) {
    top[Symbol.dispose]();
    throw error;
  }
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : Number(a.path > b.path);

/** The unchanged parent directories of changes. A tar lists them too, with their attributes. */
function parentsOf(changes: readonly FoundChange[]): readonly FoundChange[] {
  const paths = new Set<string>();
  const parents: FoundChange[] = [];
  // A directory comes before its content.
  for (const { path } of changes) {
    paths.add(path);
    for (let above = parentOf(path); above !== '' && !paths.has(above); above = parentOf(above)) {
      paths.add(above);
      parents.push({ path: above, kind: 'modified', size: 0n });
    }
  }
  return parents;
}

/** The changes among the entries of a walk, which are sorted. */
function changesAmong(met: readonly WalkEntry[]): readonly FoundChange[] {
  const { relinked, targets } = sortLinks(met);
  const changes: FoundChange[] = [];
  for (const one of met) {
    const kind = one.kind ?? (relinked.has(one) ? 'modified' : undefined);
    if (kind === undefined) continue;
    const linkTo = targets.get(one);
    const hasSize = kind !== 'deleted' && !isDirectory(one.stats) && linkTo === undefined;
    changes.push({ path: one.path, kind, linkTo, size: hasSize ? one.stats.size : 0n });
  }
  return changes;
}

/** Finds all changes, sorted by the bytes of their paths. The top itself is not compared. */
export function findChanges({ upper, lower }: Trees, comparison: Comparison): FoundChange[] {
  const { dev } = upper.look('.')!;
  const met = [...walk({ path: '', upper, lower }, dev, comparison)].sort(byPath);
  const changes = changesAmong(met);
  return [...changes, ...parentsOf(changes)].sort(byPath);
}
