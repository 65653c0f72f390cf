// The metadata that a pool needs to describe more data.
//
// The space map of the data has two bits for each data block, in bitmaps of a metadata block each, and a B-tree of
// them. A pool that grows writes all new bitmaps at once. If they do not fit, the kernel aborts its transaction and
// makes the pool read-only. Source: sm_ll_extend in drivers/md/persistent-data/dm-space-map-common.c.

import type { WorkingThinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import type { Blocks, Bytes } from '../../dm/text/units.ts';
import { PoolError } from '../live/errors.ts';

/** Bytes of a metadata block. */
export const METADATA_BLOCK: Bytes = 4096n;
/** Data blocks per bitmap: four per byte, after the 16 bytes of `struct disk_bitmap_header`. */
export const BLOCKS_PER_BITMAP: Blocks<'data'> = (METADATA_BLOCK - 16n) * 4n;
/** Bitmaps per node of their B-tree: at least 84 of at most 168. With 80, the nodes above are included. */
const BITMAPS_PER_NODE = 80n;
/** Blocks that one commit copies: the path down the tree, and the space map of the metadata. */
const COPIES = 8n;

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** Metadata blocks of a new pool without data: superblock, roots, space maps. */
const NEW_POOL = 8n;
/**
 * The kernel reserves a tenth of the metadata, up to this number of blocks. Source: METADATA_RESERVE in
 * dm-thin-metadata.c.
 */
const RESERVE_MAX = 4096n;

/** The blocks of `bitmaps` bitmaps and of their B-tree. */
function mapBlocks(bitmaps: bigint): Blocks<'metadata'> {
  return bitmaps + divideUp(bitmaps, BITMAPS_PER_NODE);
}

/** The metadata blocks that a pool needs to grow from `now` to `then` data blocks; 0 if it needs no new bitmap. */
export function metadataNeed(now: Blocks<'data'>, then: Blocks<'data'>): Blocks<'metadata'> {
  const bitmaps = divideUp(then, BLOCKS_PER_BITMAP) - divideUp(now, BLOCKS_PER_BITMAP);
  return bitmaps <= 0n ? 0n : mapBlocks(bitmaps) + COPIES;
}

/**
 * Refuses data that the metadata of a pool cannot describe.
 * @param then data blocks after the growth
 * @throws PoolError ERR_POOL_SIZE, which states the required metadata size
 */
export function refuseUndescribed(
  pool: string,
  { data, metadata }: Pick<WorkingThinPool, 'data' | 'metadata'>,
  then: Blocks<'data'>,
): void {
  const need = metadataNeed(data.total, then);
  const free = metadata.total - metadata.used;
  // A pool becomes read-only when it uses its last free metadata block.
  if (need === 0n || need < free) return;
  // The kernel reserves a tenth of the added blocks.
  const total = metadata.total + divideUp((need + 1n - free) * 10n, 9n) + 1n;
  throw new PoolError({
    code: 'ERR_POOL_SIZE',
    pool,
    problem: `cannot grow its data from ${data.total} to ${then} blocks: its metadata needs ${need + 1n} free blocks to describe them, but has ${free}`,
    hint: `Grow the metadata to at least ${total * METADATA_BLOCK} bytes first`,
  });
}

/**
 * Refuses metadata of `size` bytes that cannot describe the data of a new pool: the kernel would activate the pool
 * read-only or without data.
 * @throws PoolError ERR_POOL_SIZE, which states the required metadata size
 */
export function refuseTooSmall(pool: string, size: Bytes, dataBlocks: Blocks<'data'>): void {
  const total = size / METADATA_BLOCK;
  const need = NEW_POOL + mapBlocks(divideUp(dataBlocks, BLOCKS_PER_BITMAP)) + 1n;
  const tenth = total / 10n;
  if (need <= total - (tenth < RESERVE_MAX ? tenth : RESERVE_MAX)) return;
  const [byTenth, byMost] = [divideUp(need * 10n, 9n), need + RESERVE_MAX];
  const least = byTenth < byMost ? byTenth : byMost;
  throw new PoolError({
    code: 'ERR_POOL_SIZE',
    pool,
    problem: `its metadata of ${size} bytes cannot describe ${dataBlocks} data blocks`,
    hint: `Give at least ${least * METADATA_BLOCK} bytes of metadata, or larger data blocks`,
  });
}
