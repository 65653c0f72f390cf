// The sizes of a pool's devices, compared with each other and with the superblock.

import { type Bytes, SECTOR, type Sectors } from '../../dm/text/units.ts';
import { PoolError } from '../live/errors.ts';
import { METADATA_BLOCK, refuseTooSmall } from '../metadata/metadata-need.ts';
import type { Superblock } from '../metadata/superblock.ts';

/** The error for metadata that is not that of the pool, or not all of it. */
export const metadataError = (pool: string, problem: string, hint?: string): PoolError =>
  new PoolError({ code: 'ERR_POOL_METADATA', pool, problem, hint });

/** Refuses a metadata device that is smaller than its superblock records. @throws PoolError ERR_POOL_METADATA */
export function refuseCutOff(
  name: string,
  metadata: string,
  { metadataBlocks }: Superblock,
  size: Bytes,
): void {
  if (metadataBlocks * METADATA_BLOCK <= size) return;
  throw metadataError(
    name,
    `the superblock on ${metadata} describes ${metadataBlocks * METADATA_BLOCK} bytes of metadata, but ${metadata} has ${size}`,
    'The metadata device has shrunk, or it is an incomplete copy',
  );
}

/**
 * The sectors of all whole blocks on the data device of a new pool.
 * @throws PoolError ERR_POOL_SIZE when the device has no whole block, or more blocks than the metadata can describe
 */
export function wholeLength(
  name: string,
  blockSize: Sectors,
  dataSize: Bytes,
  metadataSize: Bytes,
): Sectors {
  const blocks = dataSize / SECTOR / blockSize;
  if (blocks === 0n) {
    throw new PoolError({
      code: 'ERR_POOL_SIZE',
      pool: name,
      problem: `its data device is too small: expected at least one block of ${blockSize * SECTOR} bytes, got ${dataSize}`,
    });
  }
  refuseTooSmall(name, metadataSize, blocks);
  return blocks * blockSize;
}

/**
 * The sectors of data that the metadata describes. @throws PoolError ERR_POOL_METADATA when the data device has fewer
 */
export function recordedLength(
  name: string,
  { metadata, data }: { readonly metadata: string; readonly data: string },
  { dataBlocks, blockSize }: Superblock,
  size: Bytes,
): Sectors {
  const length = dataBlocks * blockSize;
  if (length * SECTOR <= size) return length;
  throw metadataError(
    name,
    `the metadata on ${metadata} describes ${length * SECTOR} bytes of data, but ${data} has ${size}`,
    'It is the metadata of another pool, or the data device has shrunk',
  );
}
