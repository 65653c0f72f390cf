// All changes between two layers, in the order in which a tar holds them.

import { type CompareOptions, isDirectory } from './compare.ts';
import { type Directory, openTop } from './directory.ts';
import { sortLinks } from './links.ts';
import { parentOf } from './path.ts';
import { type ChangeKind, type Met, walk } from './walk.ts';

/** One change, and what it takes to write it into a tar. */
export interface FoundChange {
  /** Inside the layer, with a slash in front, one byte a character. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** Bytes; 0 for a directory, for what was deleted, and for a link. */
  readonly size: bigint;
  /** The path of which this is another name; it comes before this one, or is in the layer below, unchanged. */
  readonly linkTo?: string | undefined;
}

/** The two trees, open. */
export interface Trees {
  readonly upper: Directory;
  readonly lower: Directory | undefined;
}

/** Open both trees. */
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

/** Directories with a change in them that are none themselves: they are told too, for the attributes they have. */
function parentsOf(changes: readonly FoundChange[]): FoundChange[] {
  const paths = new Set(changes.map(({ path }) => path));
  const parents: FoundChange[] = [];
  for (const { path } of changes) {
    for (let above = parentOf(path); above !== '' && !paths.has(above); above = parentOf(above)) {
      paths.add(above);
      parents.push({ path: above, kind: 'modified', size: 0n });
    }
  }
  return parents;
}

/** Find all changes, sorted by path as bytes. The top itself is never among them. */
export async function findChanges(
  { upper, lower }: Trees,
  options: CompareOptions,
): Promise<readonly FoundChange[]> {
  const { dev } = (await upper.look('.'))!;
  const met: Met[] = [];
  for await (const one of walk({ path: '', upper, lower }, dev, options)) met.push(one);
  met.sort(byPath);
  const { relinked, targets } = sortLinks(met);
  const changes: FoundChange[] = [];
  for (const one of met) {
    const kind = one.kind ?? (relinked.has(one) ? 'modified' : undefined);
    if (kind === undefined) continue;
    const linkTo = targets.get(one);
    const hasSize = kind !== 'deleted' && !isDirectory(one.stats) && linkTo === undefined;
    changes.push({ path: one.path, kind, linkTo, size: hasSize ? one.stats.size : 0n });
  }
  return [...changes, ...parentsOf(changes)].sort(byPath);
}

/** The same between two trees that are not open. */
export async function findChangesBetween(
  upper: string,
  lower: string | undefined,
  options: CompareOptions,
): Promise<readonly FoundChange[]> {
  using trees = await openTrees(upper, lower);
  return await findChanges(trees, options);
}
