// Reads the trees of metadata in memory, and counts the blocks that are read.

import { findTrees, type MetadataTrees } from '../../../src/thin/metadata/trees.ts';
import { BLOCK } from './metadata-image.ts';

/** Trees, and the blocks that have been read so far. */
export interface CountedTrees {
  readonly trees: MetadataTrees;
  readonly reads: bigint[];
}

/** The trees of an image, read as from a device. `reads` gets the numbers of the blocks that are read. */
export async function treesIn(
  image: Buffer,
  {
    metadataSnap = false,
    reads = [],
  }: { readonly metadataSnap?: boolean; readonly reads?: bigint[] } = {},
): Promise<CountedTrees> {
  const read = async (number: bigint): Promise<Buffer> => {
    reads.push(number);
    if (number >= BigInt(image.length / BLOCK)) throw new RangeError('beyond the end');
    return image.subarray(Number(number) * BLOCK, (Number(number) + 1) * BLOCK);
  };
  return { trees: await findTrees('tank', { read }, metadataSnap), reads };
}
