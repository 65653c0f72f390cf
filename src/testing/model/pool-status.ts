// The status line of a thin pool. Source: pool_status in drivers/md/dm-thin.c.

import type { Pool } from './pool.ts';

const METADATA_BLOCK_SECTORS = 8n;
/** What a pool's own trees and maps take, and where its snapshot begins; a real pool's figures are near it. */
const METADATA_BASE = 9n;
const HELD_ROOT = 5n;
const LOW_MARK_MAX = 1024n;
/** `pmd->metadata_reserve`: a tenth is kept back, and counts as used. */
const RESERVE_MAX = 4096n;

const metadataBlocks = ({ metadataOn }: Pool): bigint =>
  metadataOn.sectors / METADATA_BLOCK_SECTORS;

/** `ENTRIES_PER_BYTE` of what a bitmap has behind its header. */
const BLOCKS_PER_BITMAP = 16_320n;

/** Bitmaps of the space map for so many data blocks; the first is part of what every pool has. */
export const bitmapsOf = (dataBlocks: bigint): bigint =>
  dataBlocks === 0n ? 1n : (dataBlocks + BLOCKS_PER_BITMAP - 1n) / BLOCKS_PER_BITMAP;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Metadata blocks that are kept back. */
export const metadataReserve = (pool: Pool): bigint =>
  least(metadataBlocks(pool) / 10n, RESERVE_MAX);

const usedMetadata = (pool: Pool): bigint => {
  const { dataBlocks, thins } = pool.metadata;
  const used =
    METADATA_BASE + metadataReserve(pool) + BigInt(thins.size) + bitmapsOf(dataBlocks) - 1n;
  return pool.usedMetadata ?? least(used, metadataBlocks(pool));
};

/** Metadata blocks that are free, without those that are kept back. */
export const freeMetadata = (pool: Pool): bigint => metadataBlocks(pool) - usedMetadata(pool);

/** `TXID USED/TOTAL USED/TOTAL ROOT MODE DISCARD NO_SPACE CHECK MARK `, with the blank at its end. */
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
