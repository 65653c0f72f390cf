// Takes a snapshot of a thin device that may be in use. The origin is suspended during one message, with its filesystem
// frozen and its I/O flushed, and always resumed. The pool itself is never suspended.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { WorkingThinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import { isDmError, withHint } from '../../dm/wire/errors.ts';
import { attempt, withCleanup } from '../../ioctl/input/attempt.ts';
import { pause } from '../../ioctl/input/pause.ts';
import type { PoolHandle } from '../live/handle.ts';
import { type ChangeOptions, commit, poolMessages, sendChange } from '../live/messenger.ts';
import type { ActiveThins } from './active-thins.ts';

/** How long the removal of a device by another process may take. */
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;
/** How often the resume of an origin is tried: all I/O of its users waits for it. */
const RESUME_TRIES = 3;

/** Creates thin device `id` as a snapshot of `origin`. */
export async function takeSnapshot(
  pool: PoolHandle,
  active: ActiveThins,
  { id, origin }: { readonly id: number; readonly origin: number },
  options: ChangeOptions,
): Promise<WorkingThinPool> {
  const message = poolMessages.createSnap(id, origin);
  await options.transaction?.intent?.();
  // The message ignores the caller's signal: after an abort, it would be unknown whether the snapshot exists.
  const { transaction } = options;
  const send = () => sendChange(pool, message, { transaction });
  const device = await active.find(origin);
  // An origin that another process suspended stays suspended.
  if (device === undefined || device.suspended || !device.live) await send();
  else await whileHeld(pool.dm, device, () => whileSuspended(pool.dm, device, send, options));
  return commit(pool, message, options);
}

/**
 * Runs `task` while the deferred removal of a device is cancelled, because its last holder may close it at any time.
 * Afterwards the removal is deferred again.
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
 * Cancels the deferred removal of a device.
 * @returns true when the device stays; false when it is gone
 * @throws DmError EBUSY when its removal is not finished after ten seconds
 */
export async function cancelDeferredRemove(
  dm: DeviceMapper,
  name: string,
  options: CallOptions = {},
): Promise<boolean> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    try {
      await dm.cancelDeferredRemove(name, options);
      return true;
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return false;
      // The kernel has begun to remove it.
      if (!isDmError(error, 'EBUSY') || performance.now() >= deadline) throw error;
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
    // The device was removed meanwhile, so it has no I/O.
    if (isDmError(error, 'ENXIO')) return task();
    // The kernel may have suspended it all the same.
    if ((await attempt(() => dm.info(name)))?.suspended) await attempt(() => resume(dm, name));
    throw error;
  }
  // The resume ignores the caller's signal: an abort must not leave the origin suspended.
  await withCleanup(task, () => resume(dm, name));
}

/** Resumes the origin. @throws DmError that says how to resume it, when every try fails */
async function resume(dm: DeviceMapper, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await dm.resume(name);
      return;
    } catch (error) {
      if (tries < RESUME_TRIES) continue;
      // The device was removed meanwhile.
      if (isDmError(error, 'ENXIO')) return;
      if (!isDmError(error)) throw error;
      throw withHint(error, `The device is suspended: "dmts resume ${name}" resumes it`);
    }
  }
}
