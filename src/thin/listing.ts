// The pool's own word on what it holds, while it is in use: a snapshot of its metadata is reserved, read by
// thin-provisioning-tools, and let go of.

import type { CallOptions } from '../dm/options.ts';
import { yieldWithCleanup } from '../ioctl/attempt.ts';
import { deviceNode } from '../ioctl/device-node.ts';
import { refuseMissing } from './device-details.ts';
import { type PoolHandle, poolTable } from './handle.ts';
import { poolMessages, sendVerified } from './messenger.ts';
import type { DeltaItem } from './tool-output/thin-delta.ts';
import type { ListedThin } from './tool-output/thin-ls.ts';
import { runThinDelta, thinLs } from './tools.ts';

/**
 * Give what `read` gives of the metadata device while its metadata snapshot is held, and let go of that however it ends.
 * @throws PoolError ERR_POOL_BUSY when a metadata snapshot is held already
 */
async function* withMetadataSnap<T>(
  pool: PoolHandle,
  read: (device: string) => AsyncGenerator<T, void>,
  options: CallOptions,
): AsyncGenerator<T, void> {
  const { params } = await poolTable(pool);
  const device = await deviceNode(params.metadataDevice);
  await sendVerified(pool, poolMessages.reserveMetadataSnap(), options);
  // Not with the caller's signal: it would stay held.
  yield* yieldWithCleanup(read(device), () =>
    sendVerified(pool, poolMessages.releaseMetadataSnap()),
  );
}

/** Every thin device of the pool, active or not, with the blocks it maps and those that it alone maps. */
export const listThins = (
  pool: PoolHandle,
  options: CallOptions,
): AsyncGenerator<ListedThin, void> =>
  withMetadataSnap(
    pool,
    (device) => thinLs(device, { metadataSnap: true, signal: options.signal }),
    options,
  );

/** How the mappings of two thin devices differ. */
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
