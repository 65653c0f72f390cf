// The blocks that an inactive thin device maps, read while the pool runs and without a metadata snapshot.
//
// The kernel never overwrites a node of a tree that is in use: a change copies it. So the tree of a device that does not
// change keeps its nodes, whatever the pool commits. Only the root of the tree must be read between two commits.

import type { CallOptions } from '../../dm/device/options.ts';
import { openBlocks } from '../../ioctl/file/read-blocks.ts';
import type { NodePlace, NodeReader } from './btree.ts';
import { whileUnchanged } from './committed.ts';
import { type MetadataSource, missingThin } from './device-details.ts';
import { MAPPING_BYTES, readMappingRoots } from './mappings.ts';
import { findTrees } from './trees.ts';

/** A range of blocks that a thin device maps. */
export interface MappedRange {
  /** The first block of the device. */
  readonly begin: bigint;
  /** In blocks. */
  readonly length: bigint;
}

/**
 * Yields the ranges of blocks that thin device `id` maps, in ascending order. The device must not change meanwhile.
 * @throws PoolError ERR_THIN_MISSING for an id that the pool does not have, ERR_POOL_METADATA when the metadata is damaged,
 * ERR_POOL_BUSY when the pool commits too often; SyscallError
 */
export async function* readMappedRanges(
  { name, device }: MetadataSource,
  id: number,
  { signal }: CallOptions = {},
): AsyncGenerator<MappedRange, void> {
  await using blocks = await openBlocks(device, { signal });
  const { nodes, root } = await whileUnchanged(
    () => blocks.read(0n),
    async () => {
      const trees = await findTrees(name, blocks, false);
      return { nodes: trees.nodes, root: (await readMappingRoots(trees)).get(id) };
    },
    name,
  );
  if (root === undefined) throw missingThin(name, id);
  yield* mappedRangesOf(nodes, root);
}

/** The ranges of blocks in the tree of mappings at `root`. */
export async function* mappedRangesOf(
  nodes: NodeReader,
  root: NodePlace,
): AsyncGenerator<MappedRange, void> {
  let [begin, end] = [0n, 0n];
  for await (const { keys } of nodes.leaves(root, MAPPING_BYTES)) {
    for (const key of keys) {
      if (key !== end) {
        if (end > begin) yield { begin, length: end - begin };
        begin = key;
      }
      end = key + 1n;
    }
  }
  if (end > begin) yield { begin, length: end - begin };
}
