// Lists and compares the thin devices of a pool in use: reserves a metadata snapshot, reads it with
// thin-provisioning-tools, and releases it.

import type { CallOptions } from '../../dm/device/options.ts';
import { deviceNode } from '../../ioctl/device/block.ts';
import { withCleanup, yieldWithCleanup } from '../../ioctl/input/attempt.ts';
import { type PoolHandle, poolTable } from '../live/handle.ts';
import { poolMessages, sendVerified } from '../live/messenger.ts';
import { refuseMissing } from '../metadata/device-details.ts';
import type { DeltaItem } from '../tools/thin-delta.ts';
import type { ListedThin } from '../tools/thin-ls.ts';
import { runThinDelta, thinLs } from '../tools/tools.ts';

/**
 * Yields the items of `read` while a metadata snapshot is reserved, and always release the snapshot afterwards.
 * @throws PoolError ERR_POOL_BUSY when a metadata snapshot is reserved already
 */
async function* withMetadataSnap<T>(
  pool: PoolHandle,
  read: (device: string) => AsyncGenerator<T, void>,
  options: CallOptions,
): AsyncGenerator<T, void> {
  const { params } = await poolTable(pool);
  const device = await deviceNode(params.metadataDevice);
  await sendVerified(pool, poolMessages.reserveMetadataSnap(), options);
  // The release ignores the caller's signal: after an abort the snapshot would stay reserved.
  yield* yieldWithCleanup(read(device), () =>
    sendVerified(pool, poolMessages.releaseMetadataSnap()),
  );
}

/** Runs `task` with the path of the metadata device while a metadata snapshot is reserved. */
export async function whileReserved<T>(
  pool: PoolHandle,
  path: string,
  task: (path: string) => Promise<T>,
  options: CallOptions,
): Promise<T> {
  await sendVerified(pool, poolMessages.reserveMetadataSnap(), options);
  return withCleanup(
    () => task(path),
    () => sendVerified(pool, poolMessages.releaseMetadataSnap()),
  );
}

/** Every thin device of the pool, active or not, with its mapped and its exclusive blocks. */
export const listThins = (
  pool: PoolHandle,
  options: CallOptions,
): AsyncGenerator<ListedThin, void> =>
  withMetadataSnap(
    pool,
    (device) => thinLs(device, { metadataSnap: true, signal: options.signal }),
    options,
  );

/** The differences between the mappings of two thin devices. */
export const compareThins = (
  pool: PoolHandle,
  left: number,
  right: number,
  options: CallOptions,
): AsyncGenerator<DeltaItem, void> =>
  withMetadataSnap(
    pool,
    async function* (device) {
      const how = { metadataSnap: true, signal: options.signal };
      await refuseMissing({ name: pool.name, device }, [left, right], how);
      yield* runThinDelta(device, left, right, how);
    },
    options,
  );
