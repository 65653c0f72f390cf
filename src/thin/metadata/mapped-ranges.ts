// The blocks that a thin device maps.

import { openBlocks } from '../../ioctl/file/read-blocks.ts';
import { type MetadataSource, missingThin } from './device-details.ts';
import { MAPPING_BYTES, readMappingRoots } from './mappings.ts';
import { findTrees, type MetadataStateOptions, type MetadataTrees } from './trees.ts';

/** A range of blocks that a thin device maps. */
export interface MappedRange {
  /** The first block of the device. */
  readonly begin: bigint;
  /** In blocks. */
  readonly length: bigint;
}

/**
 * Yields the ranges of blocks that thin device `id` maps, in ascending order. It reads the mappings of this device only.
 * @throws PoolError ERR_THIN_MISSING for an id that the pool does not have, ERR_POOL_METADATA when the metadata is damaged;
 * SyscallError
 */
export async function* readMappedRanges(
  { name, device }: MetadataSource,
  id: number,
  { metadataSnap = false, signal }: MetadataStateOptions = {},
): AsyncGenerator<MappedRange, void> {
  await using blocks = await openBlocks(device, { signal });
  yield* mappedRangesOf(name, await findTrees(name, blocks, metadataSnap), id);
}

/** Like {@link readMappedRanges}, of open metadata. */
export async function* mappedRangesOf(
  pool: string,
  trees: MetadataTrees,
  id: number,
): AsyncGenerator<MappedRange, void> {
  const root = (await readMappingRoots(trees)).get(id);
  if (root === undefined) throw missingThin(pool, id);
  let [begin, end] = [0n, 0n];
  for await (const { keys } of trees.nodes.leaves(root, MAPPING_BYTES)) {
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
