// Reads the trees of metadata in memory, and counts the blocks that are read.

import { findTrees, type MetadataTrees } from '../../../src/thin/metadata/trees.ts';
import { BLOCK } from './metadata-image.ts';

/** Trees, and the blocks that have been read so far. */
export interface CountedTrees {
  readonly trees: MetadataTrees;
  readonly reads: bigint[];
}

/** The trees of an image, read as from a device. */
export async function treesIn(
  image: Buffer,
  { metadataSnap = false }: { readonly metadataSnap?: boolean } = {},
): Promise<CountedTrees> {
  const reads: bigint[] = [];
  const read = async (number: bigint): Promise<Buffer> => {
    reads.push(number);
    if (number >= BigInt(image.length / BLOCK)) throw new RangeError('beyond the end');
    return image.subarray(Number(number) * BLOCK, (Number(number) + 1) * BLOCK);
  };
  return { trees: await findTrees('tank', { read }, metadataSnap), reads };
}
