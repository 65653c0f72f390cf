// The space that each thin device of a pool takes: how many of its blocks are its own, and how far it is written.

import { openBlocks } from '../../ioctl/file/read-blocks.ts';
import { type BtreeNode, childPlaces, type NodePlace } from './btree.ts';
import { Counts } from './counts.ts';
import { type MetadataSource, readDetails, type ThinDetails } from './device-details.ts';
import { dataBlockOf, mappingNode, readMappingRoots } from './mappings.ts';
import { findTrees, type MetadataStateOptions, type MetadataTrees } from './trees.ts';

/** A thin device and its space. Blocks are data blocks. */
export interface ThinUsage extends ThinDetails {
  readonly id: number;
  /** Blocks that no other device maps. Deleting the device frees them. */
  readonly exclusiveBlocks: bigint;
  readonly sharedBlocks: bigint;
  /** The last mapped block of the device, counted from 0; `undefined` for a device without mappings. */
  readonly highestBlock: bigint | undefined;
}

/** How often each node and each data block is referred to. A node that two devices share is read once. */
interface References {
  readonly nodes: Counts;
  readonly data: Counts;
}

/**
 * Yields the thin devices of a state of the metadata by ascending id. It reads each tree of mappings once, and the parts
 * that belong to one device a second time.
 * @throws PoolError ERR_POOL_METADATA when the metadata is damaged; SyscallError
 */
export async function* readUsage(
  { name, device }: MetadataSource,
  { metadataSnap = false, signal }: MetadataStateOptions = {},
): AsyncGenerator<ThinUsage, void> {
  await using blocks = await openBlocks(device, { signal });
  yield* usageOf(await findTrees(name, blocks, metadataSnap));
}

/** Like {@link readUsage}, of open metadata. */
export async function* usageOf(trees: MetadataTrees): AsyncGenerator<ThinUsage, void> {
  const details = await readDetails(trees);
  const roots = await readMappingRoots(trees);
  const references = await countReferences(trees, [...roots.values()]);
  for (const [id, one] of details) {
    const root = roots.get(id);
    if (root === undefined) throw trees.nodes.fault(`thin device ${id} has no tree of mappings`);
    const exclusiveBlocks = await countExclusive(trees, references, root);
    if (exclusiveBlocks > one.mappedBlocks) {
      const claim = `maps ${one.mappedBlocks} blocks by its details, and at least ${exclusiveBlocks} by its tree`;
      throw trees.nodes.fault(`thin device ${id} ${claim}`);
    }
    const highestBlock = await highestOf(trees, root);
    const sharedBlocks = one.mappedBlocks - exclusiveBlocks;
    yield { id, ...one, exclusiveBlocks, sharedBlocks, highestBlock };
  }
}

async function countReferences(
  { nodes, superblock }: MetadataTrees,
  roots: readonly NodePlace[],
): Promise<References> {
  const references = { nodes: new Counts(), data: new Counts() };
  const visit = async (place: NodePlace): Promise<void> => {
    if (place.number >= superblock.metadataBlocks) {
      throw nodes.fault(`metadata block ${place.number} does not exist`);
    }
    // A shared node is read again, since its keys must fit each of its places.
    const node = await mappingNode(nodes, place);
    references.nodes.add(Number(place.number));
    if (references.nodes.of(Number(place.number)) > 1) return;
    if (!node.isLeaf) {
      for (const child of childPlaces(node)) await visit(child);
      return;
    }
    for (const index of node.keys.keys()) {
      const number = dataBlockOf(node, index);
      if (number >= superblock.dataBlocks) throw nodes.fault(`data block ${number} does not exist`);
      references.data.add(Number(number));
    }
  };
  for (const root of roots) await visit(root);
  return references;
}

/** The number of blocks that only the device with this tree maps. */
async function countExclusive(
  { nodes }: Pick<MetadataTrees, 'nodes'>,
  references: References,
  place: NodePlace,
): Promise<bigint> {
  if (references.nodes.of(Number(place.number)) > 1) return 0n;
  const node = await mappingNode(nodes, place);
  if (node.isLeaf)
    return BigInt(node.keys.filter((_, index) => isOwn(references, node, index)).length);
  let count = 0n;
  for (const child of childPlaces(node)) {
    count += await countExclusive({ nodes }, references, child);
  }
  return count;
}

const isOwn = ({ data }: References, leaf: BtreeNode, index: number): boolean =>
  data.of(Number(dataBlockOf(leaf, index))) === 1;

async function highestOf(
  { nodes }: Pick<MetadataTrees, 'nodes'>,
  place: NodePlace,
): Promise<bigint | undefined> {
  const node = await mappingNode(nodes, place);
  const last = childPlaces(node).at(-1);
  return node.isLeaf || last === undefined ? node.keys.at(-1) : highestOf({ nodes }, last);
}
