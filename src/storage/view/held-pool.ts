// The pool of a view: an active pool as it is, or an inactive one, which is activated read-only until the view ends.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { pause } from '../../ioctl/input/pause.ts';
import { awaitDetached } from '../../ioctl/loop/loop-files.ts';
import { type PoolHandle, poolTable } from '../../thin/live/handle.ts';
import { refuseSuspended } from '../../thin/live/suspended.ts';
import { activatePool } from '../../thin/pool/activation.ts';
import { viewPoolName } from './leftovers.ts';
import { findPool, type PoolPlaces, type ViewPoolRequest } from './view-pool.ts';

/** The longest wait for a removal or a detachment. */
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** The pool of a view. */
export interface ViewPool {
  readonly pool: PoolHandle;
  /** The paths of the pool that this view activated; `undefined` for a pool that was active before. */
  readonly places: PoolPlaces | undefined;
}

/**
 * Opens the pool of a storage directory for reading. The caller has the lock of the directory.
 * @throws StorageError ERR_STORAGE_POOL, PoolError
 */
export async function openViewPool(
  request: ViewPoolRequest,
  { signal }: CallOptions,
): Promise<ViewPool> {
  const { dm, layout } = request;
  const { name, places } = await findPool(request);
  if (places === undefined) {
    const { info } = await poolTable({ dm, name });
    refuseSuspended(info);
    return { pool: { dm, name, dev: info.dev, path: info.path }, places };
  }
  const pool = await activatePool(dm, viewPoolName(layout), {
    ...places,
    readOnly: true,
    features: ['skip_block_zeroing'],
    signal,
  });
  return { pool, places };
}

/** Deactivates the pool of a view, unless it was active before. `notice` gets a sentence about what stays. */
export async function closeViewPool(
  { pool, places }: ViewPool,
  notice: (text: string) => void,
): Promise<void> {
  if (places === undefined) return;
  await awaitRemoved(pool.dm, pool.name, notice);
  for (const path of [places.metadata, places.data]) {
    if (await awaitDetached(path, GONE_WITHIN_MS)) continue;
    notice(
      `${path} is still attached to a loop device; the kernel detaches it when its last holder closes it`,
    );
  }
}

/** Removes a device, and waits until its last holder has gone. `notice` gets a sentence if that takes too long. */
export async function awaitRemoved(
  dm: DeviceMapper,
  name: string,
  notice: (text: string) => void,
): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    try {
      const { deferred } = await dm.remove(name, { deferred: true });
      if (!deferred) return;
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return;
      if (!isDmError(error, 'EBUSY')) throw error;
    }
    if (performance.now() >= deadline) {
      notice(
        `device ${name} is still in use; the kernel removes it when its last holder closes it`,
      );
      return;
    }
    await pause(LOOK_EVERY_MS, undefined);
  }
}
