// Shuts down a storage: its mounts, devices and pool.

import { BASE } from '../directory/layout.ts';
import { deactivateLayer } from '../layers/devices.ts';
import { unmountLayer } from '../layers/layer-mount.ts';
import type { OpenedStorage } from './open.ts';

/** How long to wait for thin devices whose deactivation is not finished. */
const POOL_BUSY_MS = 5000;
/** How many layers are unmounted at once. The kernel waits for most of the time, each time in a call thread. */
const AT_ONCE = 4;

/**
 * Unmounts a layer, and deactivates its device.
 * @throws StorageError ERR_LAYER_BUSY without deferred removal, when the device is in use. The layer is unmounted all
 * the same, and counts as held until its device is removed
 */
export async function unmountLast(
  storage: OpenedStorage,
  id: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { mounts, active, options } = storage;
  await unmountLayer(storage, id);
  mounts.set(id, 0);
  mounts.held.add(id);
  const { deferredRemoval: deferred } = options;
  if (await deactivateLayer(storage, id, { deferred, signal })) active.delete(id);
  mounts.held.delete(id);
}

/**
 * Unmounts every layer, deactivates every device, and deactivates the pool unless it is external.
 * @throws the first failure, after everything else is done
 */
export async function shutDown(
  storage: OpenedStorage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { mounts, active, pool, external } = storage;
  const failures: unknown[] = [];
  const attempt = (task: () => Promise<unknown>): Promise<unknown> =>
    task().catch((error) => failures.push(error));
  const forEach = (ids: Iterable<string>, task: (id: string) => Promise<unknown>): Promise<void> =>
    severalAtOnce(ids, (id) => attempt(() => task(id)));
  await forEach(mounts.ids(), (id) => unmountLast(storage, id, signal));
  await forEach([...active, BASE], (id) =>
    deactivateLayer(storage, id, { deferred: false, signal }),
  );
  if (!external && failures.length === 0) {
    await attempt(() => pool.deactivate({ timeoutMs: POOL_BUSY_MS, signal }));
  }
  if (failures.length > 0) throw failures[0];
}

async function severalAtOnce<T>(
  items: Iterable<T>,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  // The workers share one iterator, so each item goes to one of them.
  const left = [...items].values();
  const work = async (): Promise<void> => {
    for (const item of left) await task(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
