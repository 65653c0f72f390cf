// Growing a pool while it is in use. The pool is reloaded without a flush, since a full one would wait for its queued
// writes for ever; a table that the kernel refuses leaves the old one running.

import { statfs } from 'node:fs/promises';
import type { CallOptions } from '../dm/options.ts';
import { thinPool, type WorkingThinPool } from '../dm/targets/thin-pool.ts';
import type { Blocks, Bytes, Sectors } from '../dm/units.ts';
import { blockDeviceSize } from '../ioctl/block.ts';
import { deviceNode } from '../ioctl/device-node.ts';
import { refreshLoopCapacity } from '../ioctl/loop.ts';
import { fileOfLoop } from '../ioctl/loop-files.ts';
import { extendFile } from './backing.ts';
import { PoolError } from './errors.ts';
import { type PoolHandle, type PoolTable, poolStatus, poolTable } from './handle.ts';
import { readMetadata } from './superblock.ts';

const SECTOR = 512n;
const METADATA_BLOCK = 4096n;
/** The kernel uses no more bytes of metadata than this: 255 of its space-map bitmaps. Source: dm-thin-metadata.h. */
export const METADATA_MAX: Bytes = 255n * ((1n << 14n) - 64n) * METADATA_BLOCK;

/** How a pool grows. */
export interface GrowOptions extends CallOptions {
  /** Free data blocks at which the kernel sends an event from now on. @default as it is */
  readonly lowWaterMark?: Blocks<'data'> | undefined;
  /** Let a sparse file grow beyond what its filesystem has free. @default true */
  readonly overcommit?: boolean;
}

const sizeError = (pool: string, problem: string, hint?: string): PoolError =>
  new PoolError({ code: 'ERR_POOL_SIZE', pool, problem, hint });

/**
 * Make sure that the device `major:minor` has `size` bytes: the file behind a loop device is extended.
 * @throws PoolError ERR_POOL_SIZE when it has not, and cannot grow
 */
async function ensureSize(
  pool: string,
  what: 'data' | 'metadata',
  number: string,
  size: Bytes,
  { overcommit = true }: GrowOptions,
): Promise<void> {
  const path = await deviceNode(number);
  const now = await blockDeviceSize(path);
  if (now >= size) return;
  const file = await fileOfLoop(number);
  if (file === undefined) {
    throw sizeError(
      pool,
      `its ${what} device ${path} has ${now} bytes, ${size} were asked for`,
      'Grow that device first',
    );
  }
  const { bavail, bsize } = await statfs(file, { bigint: true });
  if (!overcommit && bavail * bsize < size - now) {
    throw sizeError(
      pool,
      `its ${what} file ${file} is to grow by ${size - now} bytes, and its filesystem has ${bavail * bsize} free`,
      'Make room there, or move the pool',
    );
  }
  await extendFile(file, size);
  await refreshLoopCapacity(path);
}

/**
 * Grow the data of a pool to `size` bytes; a loop file grows along.
 * @returns the status afterwards
 * @throws PoolError ERR_POOL_SIZE for less than it has, for more than its device has, and for what is no whole block
 */
export async function growData(
  pool: PoolHandle,
  size: Bytes,
  options: GrowOptions = {},
): Promise<WorkingThinPool> {
  const table = await poolTable(pool);
  const { blockSize } = table.params;
  const length = (size / SECTOR / blockSize) * blockSize;
  const now = table.length;
  if (length < now) {
    throw sizeError(
      pool.name,
      `it has ${now * SECTOR} bytes of data, and a pool cannot shrink to ${size}`,
    );
  }
  await ensureSize(pool.name, 'data', table.params.dataDevice, length * SECTOR, options);
  return swap(pool, table, length, options);
}

/**
 * Grow the metadata of a pool to `size` bytes; a loop file grows along. What a device has beyond 15.8 GiB is not used.
 * @returns the status afterwards
 * @throws PoolError ERR_POOL_SIZE for less than it has, and for more than its device has
 */
export async function growMetadata(
  pool: PoolHandle,
  size: Bytes,
  options: GrowOptions = {},
): Promise<WorkingThinPool> {
  const table = await poolTable(pool);
  const before = await poolStatus(pool);
  const now = before.state === 'working' ? before.metadata.total * METADATA_BLOCK : 0n;
  if (size < now || size > METADATA_MAX) {
    throw sizeError(
      pool.name,
      size < now
        ? `it has ${now} bytes of metadata, and a pool cannot shrink to ${size}`
        : `the kernel uses at most ${METADATA_MAX} bytes of metadata, ${size} were asked for`,
    );
  }
  await ensureSize(pool.name, 'metadata', table.params.metadataDevice, size, options);
  return swap(pool, table, table.length, options);
}

/**
 * Refuse to go on when the metadata device does not hold what this pool committed last: it has been swapped for another
 * underneath, and the next commit would destroy that.
 * @throws PoolError ERR_POOL_METADATA
 */
async function refuseSwapped(pool: PoolHandle, { params }: PoolTable): Promise<void> {
  const status = await poolStatus(pool);
  if (status.state !== 'working') return;
  const path = await deviceNode(params.metadataDevice);
  const content = await readMetadata(path);
  const same =
    content.state === 'pool' &&
    content.superblock.blockSize === params.blockSize &&
    content.superblock.dataBlocks === status.data.total &&
    content.superblock.transactionId === status.transactionId;
  if (same) return;
  throw new PoolError({
    code: 'ERR_POOL_METADATA',
    pool: pool.name,
    problem: `its metadata device ${path} does not hold this pool's metadata any more`,
    hint: 'Something else has been put in its place: put the right device back before anything is written',
  });
}

/** Load the pool's table with another length, and take it over. */
async function swap(
  pool: PoolHandle,
  table: PoolTable,
  length: Sectors,
  { lowWaterMark = table.params.lowWaterMark, signal }: GrowOptions,
): Promise<WorkingThinPool> {
  const { params, info } = table;
  await refuseSwapped(pool, table);
  const target = thinPool({ ...params, length, lowWaterMark });
  await pool.dm.reload(pool.name, [target], { noFlush: true, readOnly: info.readOnly, signal });
  const status = await poolStatus(pool);
  if (status.state === 'working') return status;
  throw new PoolError({
    code: 'ERR_POOL_FAILED',
    pool: pool.name,
    problem: 'it failed while it grew',
    hint: 'Look at the kernel log and at its metadata device',
  });
}
