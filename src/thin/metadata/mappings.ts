// The trees of mappings: for each thin device, the data blocks of its blocks. Source: pack_block_time in
// drivers/md/dm-thin-metadata.c of the kernel.

import { type BtreeNode, type NodePlace, type NodeReader, rootPlace } from './btree.ts';
import { type MetadataTrees, thinIdOf } from './trees.ts';

/** The bytes of a mapping's value: the data block, and below it the time at which it was mapped. */
export const MAPPING_BYTES = 8;
const TIME_BITS = 24n;
const ROOT_BYTES = 8;

/** The data block of a mapping in a leaf. */
export const dataBlockOf = ({ block, values }: BtreeNode, index: number): bigint =>
  block.readBigUInt64LE(values + index * MAPPING_BYTES) >> TIME_BITS;

/** Reads a node of a tree of mappings. */
export const mappingNode = (nodes: NodeReader, place: NodePlace): Promise<BtreeNode> =>
  nodes.node(place, MAPPING_BYTES);

/** The roots of the trees of mappings by device id. @throws PoolError ERR_POOL_METADATA; SyscallError */
export async function readMappingRoots({
  nodes,
  mappings,
}: MetadataTrees): Promise<ReadonlyMap<number, NodePlace>> {
  const roots = new Map<number, NodePlace>();
  for await (const { keys, block, values } of nodes.leaves(mappings, ROOT_BYTES)) {
    for (const [index, id] of keys.entries()) {
      roots.set(thinIdOf(nodes, id), rootPlace(block.readBigUInt64LE(values + index * ROOT_BYTES)));
    }
  }
  return roots;
}
