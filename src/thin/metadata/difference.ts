// The difference of two trees of mappings. What both trees share is not read, so the cost follows the difference.

import type { CallOptions } from '../../dm/device/options.ts';
import { openBlocks } from '../../ioctl/file/read-blocks.ts';
import {
  type BtreeNode,
  childPlace,
  childPlaces,
  type NodePlace,
  type NodeReader,
} from './btree.ts';
import type { DeltaItem, DeltaRange } from './delta.ts';
import { type MetadataSource, missingThin } from './device-details.ts';
import { dataBlockOf, mappingNode, readMappingRoots } from './mappings.ts';
import { findTrees, type MetadataStateOptions, type MetadataTrees } from './trees.ts';

/** How two thin devices are compared. */
export interface CompareThinsOptions extends CallOptions {
  /** Also yield the blocks that both devices map to the same data. The comparison then reads all mappings. @default false */
  readonly same?: boolean;
}

/** The next item of a tree: a mapping, or a part of the tree that has not been read. */
type Item =
  | { readonly kind: 'mapping'; readonly key: bigint; readonly data: bigint }
  | { readonly kind: 'part'; readonly key: bigint; readonly place: NodePlace };

/** Goes through a tree in the order of its keys, and reads only the parts that it is told to. */
class Cursor {
  readonly #nodes: NodeReader;
  /** The opened nodes from the root down, each with its next entry. */
  readonly #path: { readonly node: BtreeNode; next: number }[] = [];
  #root: NodePlace | undefined;
  readonly #height: number;

  private constructor(nodes: NodeReader, root: NodePlace, height: number) {
    this.#nodes = nodes;
    this.#root = root;
    this.#height = height;
  }

  static async open(nodes: NodeReader, root: NodePlace): Promise<Cursor> {
    return new Cursor(nodes, root, await heightOf(nodes, root));
  }

  /** The next item; `undefined` at the end. */
  get item(): Item | undefined {
    if (this.#root) return { kind: 'part', key: this.#root.range.from, place: this.#root };
    for (let top = this.#path.at(-1); top; top = this.#path.at(-1)) {
      const { node, next } = top;
      const key = node.keys[next];
      if (key === undefined) this.#path.pop();
      else if (node.isLeaf) return { kind: 'mapping', key, data: dataBlockOf(node, next) };
      else return { kind: 'part', key, place: childPlace(node, next) };
    }
    return undefined;
  }

  /** The number of levels of the next item, a part, above the leaves. */
  get height(): number {
    return this.#height - this.#path.length;
  }

  /** Leaves the next item out. */
  skip(): void {
    const top = this.#path.at(-1);
    if (this.#root) this.#root = undefined;
    else if (top) top.next += 1;
  }

  /** Replaces the next item, a part, by its entries. */
  async enter(place: NodePlace): Promise<void> {
    const node = await mappingNode(this.#nodes, place);
    this.skip();
    this.#path.push({ node, next: 0 });
  }
}

async function heightOf(nodes: NodeReader, place: NodePlace): Promise<number> {
  const node = await mappingNode(nodes, place);
  const [first] = childPlaces(node);
  return node.isLeaf || first === undefined ? 0 : 1 + (await heightOf(nodes, first));
}

/**
 * Yields the pool, then the ranges of blocks that differ between the thin devices `left` and `right`, in ascending order. With `same`,
 * it also yields the equal blocks.
 * @throws PoolError ERR_THIN_MISSING for an id that the pool does not have, ERR_POOL_METADATA when the metadata is
 * damaged; SyscallError
 */
export async function* readDifference(
  { name, device }: MetadataSource,
  left: number,
  right: number,
  { metadataSnap = false, same = false, signal }: MetadataStateOptions & CompareThinsOptions = {},
): AsyncGenerator<DeltaItem, void> {
  await using blocks = await openBlocks(device, { signal });
  yield* differenceOf(name, await findTrees(name, blocks, metadataSnap), left, right, same);
}

/** Like {@link readDifference}, of open metadata. */
export async function* differenceOf(
  pool: string,
  trees: MetadataTrees,
  left: number,
  right: number,
  same = false,
): AsyncGenerator<DeltaItem, void> {
  const { nodes, superblock } = trees;
  const roots = await readMappingRoots(trees);
  const rootOf = (id: number): NodePlace => {
    const root = roots.get(id);
    if (root === undefined) throw missingThin(pool, id);
    return root;
  };
  const [one, other] = [rootOf(left), rootOf(right)];
  const { transactionId, blockSize, dataBlocks } = superblock;
  yield { kind: 'superblock', transactionId, blockSize, dataBlocks };
  const [from, to] = [await Cursor.open(nodes, one), await Cursor.open(nodes, other)];
  yield* joined(differences(from, to, same));
}

/** Yields the blocks that differ, one by one. With `same`, it also yields the equal blocks. */
async function* differences(
  left: Cursor,
  right: Cursor,
  same: boolean,
): AsyncGenerator<DeltaRange, void> {
  for (;;) {
    const [one, other] = [left.item, right.item];
    if (one === undefined && other === undefined) return;
    // A part is entered before a mapping behind its first key is compared.
    if (one?.kind === 'part' && other?.kind === 'part') await meet(left, one, right, other, same);
    else if (one?.kind === 'part' && !(other && other.key < one.key)) await left.enter(one.place);
    else if (other?.kind === 'part' && !(one && one.key < other.key))
      await right.enter(other.place);
    else if (one && !(other && other.key < one.key)) {
      left.skip();
      if (other?.key !== one.key) yield difference('left_only', one);
      else {
        right.skip();
        if (isChanged(one, other)) yield difference('different', one);
        else if (same) yield difference('same', one);
      }
    } else {
      right.skip();
      yield difference('right_only', other!);
    }
  }
}

const difference = (kind: DeltaRange['kind'], { key }: Item): DeltaRange => ({
  kind,
  begin: key,
  length: 1n,
});

const isChanged = (one: Item, other: Item): boolean =>
  one.kind === 'mapping' && other.kind === 'mapping' && one.data !== other.data;

/**
 * Skips a part that both trees share, unless `same` is set. Otherwise enters the part that begins first; of two that begin at one
 * key, the higher one.
 */
async function meet(
  left: Cursor,
  one: Extract<Item, { kind: 'part' }>,
  right: Cursor,
  other: Extract<Item, { kind: 'part' }>,
  same: boolean,
): Promise<void> {
  if (one.place.number === other.place.number && !same) {
    left.skip();
    right.skip();
    return;
  }
  const order = one.key === other.key ? right.height - left.height : Number(one.key - other.key);
  if (order <= 0) await left.enter(one.place);
  else await right.enter(other.place);
}

/** Joins neighbouring blocks of one kind. */
async function* joined(items: AsyncIterable<DeltaRange>): AsyncGenerator<DeltaRange, void> {
  let last: DeltaRange | undefined;
  for await (const item of items) {
    if (last?.kind === item.kind && last.begin + last.length === item.begin) {
      last = { ...last, length: last.length + 1n };
    } else {
      if (last) yield last;
      last = item;
    }
  }
  if (last) yield last;
}
