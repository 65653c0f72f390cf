// Grows a pool while it is in use. Invalid growth is refused before a file or a table changes. The result is checked
// afterwards, because the kernel reports success for a growth that it skipped. The pool is reloaded without a flush,
// since a full pool would wait for its queued writes forever.

import type { CallOptions } from '../../dm/device/options.ts';
import { thinPool, type WorkingThinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import {
  type Blocks,
  type BlocksInput,
  type Bytes,
  SECTOR,
  type Sectors,
} from '../../dm/text/units.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { deviceNode } from '../../ioctl/device/block.ts';
import { PoolError } from '../live/errors.ts';
import { type PoolHandle, type PoolTable, poolStatus, poolTable } from '../live/handle.ts';
import { ADVICE, poolHealth, REFUSAL } from '../live/health.ts';
import { METADATA_BLOCK, refuseUndescribed } from '../metadata/metadata-need.ts';
import { readMetadata } from '../metadata/superblock.ts';
import { ensureSize, type GrowingDevice, type PutBack } from './grow-backing.ts';

/** The kernel's limit for metadata, in bytes: 255 of its space-map bitmaps. Source: dm-thin-metadata.h. */
export const METADATA_MAX: Bytes = 255n * ((1n << 14n) - 64n) * METADATA_BLOCK;

/** How a pool grows. */
export interface GrowOptions extends CallOptions {
  /** Free data blocks at which the kernel sends an event from now on. @default unchanged */
  readonly lowWaterMark?: BlocksInput<'data'> | undefined;
  /** Let a sparse file grow beyond the free space of its filesystem. @default true */
  readonly overcommit?: boolean;
}

type What = GrowingDevice['what'];

/** A checked growth. */
interface Growth {
  readonly what: What;
  /** Required size of the device, in bytes. */
  readonly size: Bytes;
  /** Blocks of the pool after the growth. */
  readonly blocks: Blocks;
  /** Length of the new table, in sectors. */
  readonly length: Sectors;
}

const sizeError = (pool: string, problem: string, hint?: string): PoolError =>
  new PoolError({ code: 'ERR_POOL_SIZE', pool, problem, hint });

/**
 * Grows the data of a pool to `size` bytes, and its loop file if necessary.
 * @returns the status afterwards
 * @throws PoolError ERR_POOL_SIZE when the size is smaller than the pool's, larger than the device, or more than the
 * metadata can describe; as `refuseState` does
 */
export async function growData(
  pool: PoolHandle,
  size: Bytes,
  options: GrowOptions = {},
): Promise<WorkingThinPool> {
  const table = await poolTable(pool);
  const status = await workingStatus(pool);
  const { blockSize } = table.params;
  const blocks = size / SECTOR / blockSize;
  const now = status.data.total;
  if (blocks < now) {
    throw sizeError(
      pool.name,
      `cannot shrink its data from ${now * blockSize * SECTOR} to ${size} bytes`,
    );
  }
  if (blocks > now) {
    refuseState(pool.name, 'data', status, table);
    refuseUndescribed(pool.name, status, blocks);
  }
  const length = blocks * blockSize;
  return grow(pool, table, { what: 'data', size: length * SECTOR, blocks, length }, options);
}

/**
 * Grows the metadata of a pool to `size` bytes, and its loop file if necessary. The kernel uses at most 15.8 GiB.
 * @returns the status afterwards
 * @throws PoolError ERR_POOL_SIZE when the size is smaller than the pool's or larger than the device; as `refuseState`
 * does
 */
export async function growMetadata(
  pool: PoolHandle,
  size: Bytes,
  options: GrowOptions = {},
): Promise<WorkingThinPool> {
  const table = await poolTable(pool);
  const status = await workingStatus(pool);
  const now = status.metadata.total * METADATA_BLOCK;
  if (size < now || size > METADATA_MAX) {
    throw sizeError(
      pool.name,
      size < now
        ? `cannot shrink its metadata from ${now} to ${size} bytes`
        : `invalid metadata size: expected at most ${METADATA_MAX} bytes, got ${size}`,
    );
  }
  const blocks = size / METADATA_BLOCK;
  if (blocks > status.metadata.total) refuseState(pool.name, 'metadata', status, table);
  const { length } = table;
  return grow(pool, table, { what: 'metadata', size, blocks, length }, options);
}

async function workingStatus(pool: PoolHandle): Promise<WorkingThinPool> {
  const status = await poolStatus(pool);
  if (status.state === 'working') return status;
  const { state, advice } = poolHealth(status);
  throw new PoolError({
    code: 'ERR_POOL_FAILED',
    pool: pool.name,
    problem: `cannot grow it: the pool is ${state}`,
    hint: advice,
  });
}

/**
 * Refuses a pool in a state in which the kernel skips the growth and reports success, or aborts its transaction.
 * @throws PoolError ERR_POOL_NEEDS_CHECK, ERR_POOL_READ_ONLY; ERR_POOL_METADATA_FULL for the data
 */
function refuseState(
  pool: string,
  what: What,
  status: WorkingThinPool,
  { params }: PoolTable,
): void {
  // The status is the same for a pool that was activated read-only and for one whose metadata is full.
  const readOnly = params.features?.includes('read_only') && !status.needsCheck;
  const state = readOnly ? 'read-only' : poolHealth(status).state;
  const grows =
    state === 'ok' ||
    state === 'low' ||
    state === 'out-of-data' ||
    (state === 'metadata-full' && what === 'metadata');
  if (grows) return;
  throw new PoolError({
    code: REFUSAL[state],
    pool,
    problem: `cannot grow its ${what}: the pool is ${state}`,
    hint: ADVICE[state],
  });
}

/**
 * Refuses a metadata device that does not hold this pool's last commit: the device was replaced, and the next commit
 * would destroy its content.
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
    problem: `its metadata device ${path} no longer holds this pool's metadata`,
    hint: 'The device was replaced: restore the right one before anything is written',
  });
}

/** Makes the device large enough, loads the pool's table with the new length, and checks that the pool has grown. */
async function grow(
  pool: PoolHandle,
  table: PoolTable,
  growth: Growth,
  { lowWaterMark = table.params.lowWaterMark, overcommit = true, signal }: GrowOptions,
): Promise<WorkingThinPool> {
  const { what, size, blocks, length } = growth;
  const { params, info } = table;
  await refuseSwapped(pool, table);
  const number = what === 'data' ? params.dataDevice : params.metadataDevice;
  const putBack = await ensureSize({ pool: pool.name, what, number }, size, overcommit);
  let refusal: unknown;
  try {
    const target = thinPool({ ...params, length, lowWaterMark });
    await pool.dm.reload(pool.name, [target], { noFlush: true, readOnly: info.readOnly, signal });
  } catch (error) {
    // The result of an aborted call is unknown: it may still replace the table.
    if (!isDmError(error) || signal?.aborted) throw error;
    refusal = error;
  }
  const after = await poolStatus(pool);
  if (after.state === 'working' && after[what].total >= blocks && refusal === undefined) {
    return after;
  }
  const grown = after.state !== 'working' || after[what].total >= blocks;
  const undone = !grown && (await undo(pool, table, putBack));
  const { state, advice } = poolHealth(after);
  const works = state === 'ok' || state === 'low' || state === 'out-of-data';
  if (works && refusal !== undefined) throw refusal;
  throw new PoolError({
    code: works ? 'ERR_POOL_SIZE' : REFUSAL[state],
    pool: pool.name,
    problem: `cannot grow its ${what} to ${size} bytes: ${
      isDmError(refusal) ? `the kernel refused it with ${refusal.code}` : 'the kernel skipped it'
    }, and the pool is now ${state}. ${
      undone ? 'Its table and its device are unchanged' : 'Its table or its device has the new size'
    }`,
    hint: advice,
    cause: refusal,
  });
}

/**
 * Undoes a growth that failed; the refused table may be live. The device shrinks only after no table has the new size.
 * @returns whether everything is as before
 */
async function undo(pool: PoolHandle, before: PoolTable, putBack: PutBack): Promise<boolean> {
  const { params, length } = before;
  try {
    if ((await poolTable(pool)).length !== length) {
      const { readOnly } = before.info;
      await pool.dm.reload(pool.name, [thinPool({ ...params, length })], {
        noFlush: true,
        readOnly,
      });
    }
    const { info, ...now } = await poolTable(pool);
    if (now.length !== length || info.suspended || info.inactive) return false;
    await putBack();
    return true;
  } catch {
    // Report the refusal instead of this error.
    return false;
  }
}
