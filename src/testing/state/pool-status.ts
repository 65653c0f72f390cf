// The status line of a thin pool. Source: pool_status in drivers/md/dm-thin.c.

import type { Pool } from './pool.ts';

const METADATA_BLOCK_SECTORS = 8n;
/** Metadata blocks of a pool's own trees and maps, and the block of its snapshot: close to those of a real pool. */
const METADATA_BASE = 9n;
const HELD_ROOT = 5n;
const LOW_MARK_MAX = 1024n;
/** `pmd->metadata_reserve`: a tenth is reserved and counts as used. */
const RESERVE_MAX = 4096n;

const metadataBlocks = ({ metadataOn }: Pool): bigint =>
  metadataOn.sectors / METADATA_BLOCK_SECTORS;

/** `ENTRIES_PER_BYTE` times the bytes of a bitmap without its header. */
const BLOCKS_PER_BITMAP = 16_320n;

/** Number of space map bitmaps for a number of data blocks. `METADATA_BASE` includes the first one. */
export const bitmapsOf = (dataBlocks: bigint): bigint =>
  dataBlocks === 0n ? 1n : (dataBlocks + BLOCKS_PER_BITMAP - 1n) / BLOCKS_PER_BITMAP;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Number of reserved metadata blocks. */
export const metadataReserve = (pool: Pool): bigint =>
  least(metadataBlocks(pool) / 10n, RESERVE_MAX);

const usedMetadata = (pool: Pool): bigint => {
  const { dataBlocks, thins } = pool.metadata;
  const used =
    METADATA_BASE + metadataReserve(pool) + BigInt(thins.size) + bitmapsOf(dataBlocks) - 1n;
  return pool.usedMetadata ?? least(used, metadataBlocks(pool));
};

/** Number of free metadata blocks, without the reserved ones. */
export const freeMetadata = (pool: Pool): bigint => metadataBlocks(pool) - usedMetadata(pool);

/** `TXID USED/TOTAL USED/TOTAL ROOT MODE DISCARD NO_SPACE CHECK MARK `, with a blank at the end. */
export function poolStatus(pool: Pool): string {
  if (pool.mode === 'fail') return 'Fail';
  const { metadata, features } = pool;
  const total = metadataBlocks(pool);
  const mark = least(total / 4n, LOW_MARK_MAX);
  const words = [
    metadata.transactionId,
    `${usedMetadata(pool)}/${total}`,
    `${pool.usedData}/${metadata.dataBlocks}`,
    metadata.heldRoot ? HELD_ROOT : '-',
    pool.mode,
    features.discard
      ? features.passdown
        ? 'discard_passdown'
        : 'no_discard_passdown'
      : 'ignore_discard',
    features.errorIfNoSpace ? 'error_if_no_space' : 'queue_if_no_space',
    metadata.needsCheck ? 'needs_check' : '-',
    mark,
  ];
  return `${words.join(' ')} `;
}
