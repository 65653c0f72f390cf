// Finds all changes between two layers, in the order of a tar.

import { type CompareOptions, isDirectory } from './compare.ts';
import { type Directory, openTop } from './directory.ts';
import { sortLinks } from './links.ts';
import { parentOf } from './paths.ts';
import { inPieces, sortedInPieces } from './pieces.ts';
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
export async function openTrees(
  upper: string,
  lower: string | undefined,
): Promise<Trees & Disposable> {
  const top = await openTop(upper);
  try {
    const bottom = lower === undefined ? undefined : await openTop(lower);
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
async function parentsOf(
  changes: readonly FoundChange[],
  signal: AbortSignal | undefined,
): Promise<FoundChange[]> {
  const paths = new Set<string>();
  const parents: FoundChange[] = [];
  // A directory comes before its content.
  for await (const piece of inPieces(changes, signal)) {
    for (const { path } of piece) {
      paths.add(path);
      for (let above = parentOf(path); above !== '' && !paths.has(above); above = parentOf(above)) {
        paths.add(above);
        parents.push({ path: above, kind: 'modified', size: 0n });
      }
    }
  }
  return parents;
}

/** The changes among the entries of a walk, which are sorted. */
async function changesAmong(
  met: readonly WalkEntry[],
  signal: AbortSignal | undefined,
): Promise<FoundChange[]> {
  const { relinked, targets } = await sortLinks(met, signal);
  const changes: FoundChange[] = [];
  for await (const piece of inPieces(met, signal)) {
    for (const one of piece) {
      const kind = one.kind ?? (relinked.has(one) ? 'modified' : undefined);
      if (kind === undefined) continue;
      const linkTo = targets.get(one);
      const hasSize = kind !== 'deleted' && !isDirectory(one.stats) && linkTo === undefined;
      changes.push({ path: one.path, kind, linkTo, size: hasSize ? one.stats.size : 0n });
    }
  }
  return changes;
}

/** Finds all changes, sorted by the bytes of their paths. The top itself is not compared. */
export async function findChanges(
  { upper, lower }: Trees,
  options: CompareOptions,
): Promise<readonly FoundChange[]> {
  const { signal } = options;
  const { dev } = (await upper.look('.'))!;
  const met: WalkEntry[] = [];
  for await (const one of walk({ path: '', upper, lower }, dev, options)) met.push(one);
  const changes = await changesAmong(await sortedInPieces(met, byPath, signal), signal);
  const parents = await parentsOf(changes, signal);
  return sortedInPieces([...changes, ...parents], byPath, signal);
}

/** Opens two trees and finds all changes between them. */
export async function findChangesBetween(
  upper: string,
  lower: string | undefined,
  options: CompareOptions,
): Promise<readonly FoundChange[]> {
  using trees = await openTrees(upper, lower);
  return await findChanges(trees, options);
}
