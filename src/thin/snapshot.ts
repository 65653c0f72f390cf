// A snapshot of a thin device that may be in use. Its origin is suspended for the length of one message, with its
// filesystem frozen and its I/O flushed, and resumed whatever happens. The pool itself is never suspended.

import type { DeviceInfo } from '../dm/device-info.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import { isDmError } from '../dm/errors.ts';
import type { CallOptions } from '../dm/options.ts';
import type { WorkingThinPool } from '../dm/targets/thin-pool.ts';
import { withCleanup } from '../ioctl/attempt.ts';
import { pause } from '../ioctl/pause.ts';
import type { ActiveThins } from './active-thins.ts';
import type { PoolHandle } from './handle.ts';
import { type ChangeOptions, commit, poolMessages, sendChange } from './messenger.ts';

/** How long a device that is being removed may take to go. */
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** Make thin device `id` a snapshot of `origin`. */
export async function takeSnapshot(
  pool: PoolHandle,
  active: ActiveThins,
  { id, origin }: { readonly id: number; readonly origin: number },
  options: ChangeOptions,
): Promise<WorkingThinPool> {
  const message = poolMessages.createSnap(id, origin);
  await options.transaction?.intent?.();
  // Not with the caller's signal: an abort must not leave it open whether the snapshot is there.
  const { transaction } = options;
  const send = () => sendChange(pool, message, { transaction });
  const device = await active.find(origin);
  // One that is suspended already is left so: whoever did it knows why.
  if (device === undefined || device.suspended || !device.live) await send();
  else await whileHeld(pool.dm, device, () => whileSuspended(pool.dm, device, send, options));
  return commit(pool, message, options);
}

/**
 * Keep a device whose deferred removal is pending from going meanwhile: its last user may let go of it at any moment.
 * Afterwards the removal is pending again.
 */
async function whileHeld(
  dm: DeviceMapper,
  { name, deferredRemove }: DeviceInfo,
  task: () => Promise<void>,
): Promise<void> {
  if (!deferredRemove) return task();
  const held = await cancelDeferredRemove(dm, name);
  await withCleanup(task, async () => {
    if (held) await removeDeferred(dm, name);
  });
}

/**
 * Take back the deferred removal of a device.
 * @returns whether the device is there to stay; `false` once it is gone
 * @throws DmError EBUSY when it is still going after ten seconds
 */
export async function cancelDeferredRemove(
  dm: DeviceMapper,
  name: string,
  options: CallOptions = {},
): Promise<boolean> {
  const deadline = Date.now() + GONE_WITHIN_MS;
  for (;;) {
    try {
      await dm.cancelDeferredRemove(name, options);
      return true;
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return false;
      // The kernel has begun to remove it.
      if (!isDmError(error, 'EBUSY') || Date.now() >= deadline) throw error;
      await pause(LOOK_EVERY_MS, options.signal);
    }
  }
}

async function removeDeferred(dm: DeviceMapper, name: string): Promise<void> {
  try {
    await dm.remove(name, { deferred: true });
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
  }
}

async function whileSuspended(
  dm: DeviceMapper,
  { name }: DeviceInfo,
  task: () => Promise<void>,
  { signal }: CallOptions,
): Promise<void> {
  try {
    await dm.suspend(name, { signal });
  } catch (error) {
    // It has gone since it was looked up: nothing is under way on it.
    if (isDmError(error, 'ENXIO')) return task();
    throw error;
  }
  // Not with the caller's signal: an abort must not leave the origin suspended.
  await withCleanup(task, () => dm.resume(name));
}
