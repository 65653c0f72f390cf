// Lists and compares the thin devices of a pool in use: reserves a metadata snapshot, reads it, and releases it.

import type { CallOptions } from '../../dm/device/options.ts';
import { deviceNode } from '../../ioctl/device/block.ts';
import { withCleanup, yieldWithCleanup } from '../../ioctl/input/attempt.ts';
import { type PoolHandle, poolTable } from '../live/handle.ts';
import { commit, poolMessages, sendChange, sendVerified } from '../live/messenger.ts';
import type { DeltaItem } from '../metadata/delta.ts';
import type { MetadataSource } from '../metadata/device-details.ts';
import { type CompareThinsOptions, readDifference } from '../metadata/difference.ts';
import { readUsage, type ThinUsage } from '../metadata/usage.ts';

const RESERVE = poolMessages.reserveMetadataSnap();

/** Ignores the signal of the caller: after an abort the snapshot would stay reserved. */
const release = (pool: PoolHandle): Promise<unknown> =>
  sendVerified(pool, poolMessages.releaseMetadataSnap());

/**
 * Yields the items of `read` while a metadata snapshot is reserved, and always releases it afterwards.
 * @throws PoolError ERR_POOL_BUSY when a metadata snapshot is reserved already
 */
async function* withMetadataSnap<T>(
  pool: PoolHandle,
  read: (source: MetadataSource) => AsyncGenerator<T, void>,
  options: CallOptions,
): AsyncGenerator<T, void> {
  const { params } = await poolTable(pool);
  const source = { name: pool.name, device: await deviceNode(params.metadataDevice) };
  await sendChange(pool, RESERVE, options);
  yield* yieldWithCleanup(committed(pool, read(source)), () => release(pool));
}

/** The items, if the pool has committed the reservation. */
async function* committed<T>(
  pool: PoolHandle,
  items: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  await commit(pool, RESERVE);
  yield* items;
}

/** Runs `task` with the path of the metadata device while a metadata snapshot is reserved. */
export async function whileReserved<T>(
  pool: PoolHandle,
  path: string,
  task: (path: string) => Promise<T>,
  options: CallOptions,
): Promise<T> {
  await sendChange(pool, RESERVE, options);
  return withCleanup(
    async () => {
      await commit(pool, RESERVE);
      return await task(path);
    },
    () => release(pool),
  );
}

/** Every thin device of the pool, active or not, with its space. */
export const listPoolThins = (
  pool: PoolHandle,
  options: CallOptions,
): AsyncGenerator<ThinUsage, void> =>
  withMetadataSnap(
    pool,
    (source) => readUsage(source, { metadataSnap: true, ...options }),
    options,
  );

/** The ranges of blocks that differ between two thin devices. With `same`, it also yields the equal blocks. */
export const comparePoolThins = (
  pool: PoolHandle,
  left: number,
  right: number,
  options: CompareThinsOptions,
): AsyncGenerator<DeltaItem, void> =>
  withMetadataSnap(
    pool,
    (source) => readDifference(source, left, right, { metadataSnap: true, ...options }),
    options,
  );
