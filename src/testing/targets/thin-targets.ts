// thin-pool and thin. Source: pool_ctr, pool_preresume and thin_ctr in drivers/md/dm-thin.c.

import type { Version } from '../../dm/wire/abi.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import type { Target, TargetType } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { kstrtoull, thinId } from '../state/kernel-words.ts';
import type { Pool, PoolMode } from '../state/pool.ts';
import { type PoolFeatures, parsePoolFeatures, poolFeatureWords } from '../state/pool-features.ts';
import { poolMessage } from '../state/pool-messages.ts';
import { bitmapsOf, freeMetadata, metadataReserve, poolStatus } from '../state/pool-status.ts';
import { demand, Refused } from '../state/refused.ts';

const BLOCK_MIN = 128n;
const BLOCK_MAX = 2_097_152n;

function blockSizeOf(word: string): bigint {
  const size = kstrtoull(word);
  const good =
    size !== undefined && size >= BLOCK_MIN && size <= BLOCK_MAX && size % BLOCK_MIN === 0n;
  demand(good, `invalid block size ${word}`);
  return size!;
}

/** `set_pool_mode`: the mode of the table, but read-only if the metadata needs a check. */
const modeFor = ({ metadata }: Pool, { readOnly }: PoolFeatures): PoolMode =>
  readOnly || metadata.needsCheck ? 'ro' : 'rw';

/**
 * `maybe_resize_data_dev`: a pool grows with its table and never shrinks; a pool that needs a check does not grow. If the
 * metadata has no space for the new data blocks, the transaction is aborted. @throws Refused
 */
function fitData(pool: Pool, length: bigint): void {
  const { metadata } = pool;
  const blocks = length / metadata.blockSize;
  demand(blocks >= metadata.dataBlocks, 'pool target too small');
  if (blocks === metadata.dataBlocks || metadata.needsCheck) return;
  const free = freeMetadata(pool);
  const need = bitmapsOf(blocks) - bitmapsOf(metadata.dataBlocks);
  if (need > free + metadataReserve(pool)) {
    metadata.needsCheck = true;
    pool.mode = 'ro';
    throw new Refused('ENOSPC', 'unable to allocate new metadata block');
  }
  metadata.dataBlocks = blocks;
  if (need > 0n && need >= free) pool.mode = 'ro';
}

/** `thin-pool METADATA DATA BLOCK LOW_WATER [N FEATURE…]` */
export const thinPoolType = (kernel: () => Devices, version: Version): TargetType => ({
  name: 'thin-pool',
  version,
  singleton: true,
  immutable: true,
  alwaysWriteable: true,
  construct: ({ device, words, length, open }): Target => {
    const { pools } = kernel();
    demand(words.length >= 4, 'invalid argument count');
    const [metadataPath, dataPath, block, mark] = words as [string, string, string, string];
    demand(metadataPath !== dataPath, 'metadata and data on the same device');
    const features = parsePoolFeatures(words.slice(4));
    const metadataOn = open(metadataPath, features.readOnly ? 1 : 3);
    const dataOn = open(dataPath, 3);
    const blockSize = blockSizeOf(block);
    const lowWaterMark = kstrtoull(mark);
    if (lowWaterMark === undefined) throw new Refused('EINVAL', 'invalid low water mark');
    const { pool, created } = pools.find({ device, metadataOn, dataOn, blockSize, features });
    if (!created && features.discard !== pool.features.discard) {
      pools.release(pool);
      throw new Refused('EINVAL', 'discard support cannot be disabled once enabled');
    }
    return {
      areas: [{ on: dataOn, start: 0n, length }],
      table: () =>
        `${formatDev(metadataOn.dev)} ${formatDev(dataOn.dev)} ${pool.metadata.blockSize} ${lowWaterMark} ${poolFeatureWords(features)} `,
      status: () => poolStatus(pool),
      message: (words) => poolMessage(pool, words),
      suspend: () => pool.suspend(),
      preresume: () => {
        const { mode } = pool;
        if (mode !== 'fail') pool.mode = modeFor(pool, features);
        if (pool.mode !== mode) kernel().event(device);
        pool.features = features;
        pool.lowWaterMark = lowWaterMark;
        pool.length = length;
        fitData(pool, length);
      },
      resume: () => pool.resume(),
      destroy: () => pools.release(pool),
    };
  },
});

/** `thin POOL ID [EXTERNAL_ORIGIN]` */
export const thinType = (kernel: () => Devices, version: Version): TargetType => ({
  name: 'thin',
  version,
  construct: ({ device, words, open }): Target => {
    const { pools } = kernel();
    demand(words.length === 2 || words.length === 3, 'invalid argument count');
    const [poolPath, idWord, originPath] = words as [string, string, string | undefined];
    demand(poolPath !== originPath, 'error setting origin device');
    const origin = originPath === undefined ? undefined : open(originPath, 1);
    const on = open(poolPath);
    const id = thinId(idWord);
    const pool = pools.of(on);
    if (pool === undefined) throw new Refused('EINVAL', `${poolPath} is not a pool`);
    demand(pool.mode !== 'fail', 'pool is in fail mode');
    demand(pool.metadata.thins.has(id), `no thin device ${id}`, 'ENODATA');
    demand(!pool.suspended, 'unable to activate thin device while pool is suspended');
    const active = { device, id };
    pool.thins.add(active);
    pool.references++;
    return {
      // The area has the size of the pool, not of the thin device.
      get areas() {
        const { blockSize } = pool.metadata;
        return [{ on, start: 0n, length: (pool.length / blockSize) * blockSize }];
      },
      table: () =>
        pool.mode === 'fail'
          ? 'Fail'
          : [formatDev(on.dev), id, ...(origin ? [formatDev(origin.dev)] : [])].join(' '),
      status: () => {
        if (pool.mode === 'fail') return 'Fail';
        const { mappedSectors = 0n, highestSector } = pool.metadata.thins.get(id) ?? {};
        return `${mappedSectors} ${highestSector ?? '-'}`;
      },
      destroy: () => {
        pool.thins.delete(active);
        pools.release(pool);
      },
    };
  },
});
