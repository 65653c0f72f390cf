// Growing a pool while it is in use. What the pool cannot do is refused before a file or a table changes, and what the
// kernel did is read afterwards: it reports success for a growth that it left out. The pool is reloaded without a flush,
// since a full one would wait for its queued writes for ever.

import { isDmError } from '../dm/errors.ts';
import type { CallOptions } from '../dm/options.ts';
import { thinPool, type WorkingThinPool } from '../dm/targets/thin-pool.ts';
import type { Blocks, BlocksInput, Bytes, Sectors } from '../dm/units.ts';
import { deviceNode } from '../ioctl/device-node.ts';
import { PoolError } from './errors.ts';
import { ensureSize, type GrowingDevice, type PutBack } from './grow-backing.ts';
import { type PoolHandle, type PoolTable, poolStatus, poolTable } from './handle.ts';
import { ADVICE, poolHealth, REFUSAL } from './health.ts';
import { METADATA_BLOCK, refuseUndescribed } from './metadata-need.ts';
import { readMetadata } from './superblock.ts';

const SECTOR = 512n;
/** The kernel uses no more bytes of metadata than this: 255 of its space-map bitmaps. Source: dm-thin-metadata.h. */
export const METADATA_MAX: Bytes = 255n * ((1n << 14n) - 64n) * METADATA_BLOCK;

/** How a pool grows. */
export interface GrowOptions extends CallOptions {
  /** Free data blocks at which the kernel sends an event from now on. @default as it is */
  readonly lowWaterMark?: BlocksInput<'data'> | undefined;
  /** Let a sparse file grow beyond what its filesystem has free. @default true */
  readonly overcommit?: boolean;
}

type What = GrowingDevice['what'];

/** A growth that has been checked. */
interface Growth {
  readonly what: What;
  /** Bytes that the device must have. */
  readonly size: Bytes;
  /** Blocks that the pool must have afterwards. */
  readonly blocks: Blocks;
  /** Sectors of the new table. */
  readonly length: Sectors;
}

const sizeError = (pool: string, problem: string, hint?: string): PoolError =>
  new PoolError({ code: 'ERR_POOL_SIZE', pool, problem, hint });

/**
 * Grow the data of a pool to `size` bytes; a loop file grows along.
 * @returns the status afterwards
 * @throws PoolError ERR_POOL_SIZE for less than it has, for more than its device has, for more than its metadata can
 * describe; what `refuseState` throws
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
      `it has ${now * blockSize * SECTOR} bytes of data, and a pool cannot shrink to ${size}`,
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
 * Grow the metadata of a pool to `size` bytes; a loop file grows along. What a device has beyond 15.8 GiB is not used.
 * @returns the status afterwards
 * @throws PoolError ERR_POOL_SIZE for less than it has, and for more than its device has; what `refuseState` throws
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
        ? `it has ${now} bytes of metadata, and a pool cannot shrink to ${size}`
        : `the kernel uses at most ${METADATA_MAX} bytes of metadata, ${size} were asked for`,
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
 * Refuse a pool in a state in which the kernel leaves the growth out and reports success, or aborts its transaction.
 * @throws PoolError ERR_POOL_NEEDS_CHECK, ERR_POOL_READ_ONLY; ERR_POOL_METADATA_FULL for the data
 */
function refuseState(
  pool: string,
  what: What,
  status: WorkingThinPool,
  { params }: PoolTable,
): void {
  // The status does not tell a pool that was activated read-only from one whose metadata is full.
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

/** Make the device large enough, load the pool's table with the new length, and see that the pool has grown. */
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
    // Of a call that was given up nothing is known: it may still swap the table.
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
      isDmError(refusal) ? `the kernel refused it with ${refusal.code}` : 'the kernel left it out'
    }, and the pool is ${state} now. ${
      undone
        ? 'It runs on its table and its device as they were'
        : 'Its table or its device has the new size'
    }`,
    hint: advice,
    cause: refusal,
  });
}

/**
 * Undo a growth that the pool did not take: the refused table may be live. The device shrinks only once it is certain
 * that no table has its new size.
 * @returns whether everything is as it was
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
    // The refusal is the error to report.
    return false;
  }
}
