// The trees in the metadata of a pool: of the last commit, or of the reserved metadata snapshot.
// Source: struct thin_disk_superblock in drivers/md/dm-thin-metadata.c of the kernel.

import type { CallOptions } from '../../dm/device/options.ts';
import { THIN_ID_MAX } from '../../dm/targets/provisioning/thin.ts';
import type { BlockReader } from '../../ioctl/file/read-blocks.ts';
import { type NodePlace, NodeReader, rootPlace } from './btree.ts';
import { inspectMetadata, type Superblock, superblockChecksum } from './superblock.ts';

const MAPPINGS_ROOT = 320;
const DETAILS_ROOT = 328;

/** Which state of the metadata to read. */
export interface MetadataStateOptions extends CallOptions {
  /** Read the reserved metadata snapshot instead of the last commit. @default false */
  readonly metadataSnap?: boolean;
}

/** The trees of one state of the metadata. */
export interface MetadataTrees {
  readonly nodes: NodeReader;
  /** The superblock of this state. */
  readonly superblock: Superblock;
  /** The tree that has the root of a tree of mappings for each thin device. */
  readonly mappings: NodePlace;
  /** The tree that has the details of each thin device. */
  readonly details: NodePlace;
}

/**
 * Finds the trees.
 * @throws PoolError ERR_POOL_METADATA when the metadata is damaged, or no metadata snapshot is reserved; SyscallError
 */
export async function findTrees(
  pool: string,
  blocks: Pick<BlockReader, 'read'>,
  metadataSnap: boolean,
): Promise<MetadataTrees> {
  const nodes = new NodeReader(pool, blocks);
  const first = await nodes.block(0n);
  const content = inspectMetadata(first);
  if (content.state !== 'pool') throw nodes.fault(`the superblock is ${content.state}`);
  const { superblock } = content;
  if (!metadataSnap) return treesOf(nodes, first, superblock);
  const { heldRoot } = superblock;
  if (heldRoot === undefined) throw nodes.fault('no metadata snapshot is reserved');
  // A metadata snapshot is a copy of the superblock in another block.
  const copy = await nodes.block(heldRoot);
  const isSound =
    copy.readUInt32LE(0) === superblockChecksum(copy) && copy.readBigUInt64LE(8) === heldRoot;
  if (!isSound) throw nodes.fault(`the metadata snapshot in block ${heldRoot} is damaged`);
  return treesOf(nodes, copy, superblock);
}

const treesOf = (nodes: NodeReader, top: Buffer, superblock: Superblock): MetadataTrees => ({
  nodes,
  superblock,
  mappings: rootPlace(top.readBigUInt64LE(MAPPINGS_ROOT)),
  details: rootPlace(top.readBigUInt64LE(DETAILS_ROOT)),
});

/** The thin id of a key. @throws PoolError ERR_POOL_METADATA for one that the kernel does not allow */
export function thinIdOf(nodes: NodeReader, key: bigint): number {
  if (key > BigInt(THIN_ID_MAX))
    throw nodes.fault(`invalid thin id: expected at most ${THIN_ID_MAX}, got ${key}`);
  return Number(key);
}
