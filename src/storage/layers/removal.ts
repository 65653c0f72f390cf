// Deletes layers, at once or when their last holder has gone.

import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { pause } from '../../ioctl/input/pause.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { discardThin } from '../../thin/devices/discard.ts';
import { isPoolError, PoolError } from '../../thin/live/errors.ts';
import { REFUSAL } from '../../thin/live/health.ts';
import type { LayerRecord } from '../directory/records.ts';
import type { Transactions } from '../directory/transactions.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, BUSY_MS, busyError, deactivateLayer } from './devices.ts';

const RETRY_EVERY_MS = 100;

type Parts = StorageContext & { readonly transactions: Transactions };

/** How a layer is deleted. */
export interface DeleteLayerOptions extends CallOptions {
  /** The layer's device may be active. */
  readonly active: boolean;
}

/**
 * Deletes a layer. With deferred deletion, a layer in use is only marked as deleted.
 * @returns whether the layer is deleted
 * @throws StorageError ERR_LAYER_BUSY that names the holders, PoolError when the pool refuses changes; the layer is
 * unchanged
 */
export async function deleteLayer(
  parts: Parts,
  id: string,
  record: LayerRecord,
  { active, signal }: DeleteLayerOptions,
): Promise<boolean> {
  const { options, records } = parts;
  await demandChangeable(parts);
  const deferred = options.deferredDeletion;
  const gone = !active || (await deactivateLayer(parts, id, { deferred, signal }));
  const idle = gone && (!options.blkDiscard || (await discardLayer(parts, id, record, signal)));
  if (idle && (await deleteThinInTime(parts, id, record, signal))) return true;
  const now = records.get(id);
  if (now !== undefined && !now.deleted) await records.write(id, { ...now, deleted: true });
  return false;
}

/** Checks that the pool accepts changes, before any record that only a deletion can resolve. @throws PoolError */
async function demandChangeable({ pool }: Parts): Promise<void> {
  const { state, advice } = await pool.health();
  if (state === 'ok' || state === 'low' || state === 'out-of-data') return;
  throw new PoolError({
    code: REFUSAL[state],
    pool: pool.name,
    problem: `cannot delete a thin device: the pool is ${state}`,
    hint: advice,
  });
}

/** Deletes the thin device and its record, waiting for the holders of its device. @returns whether it is deleted */
async function deleteThinInTime(
  parts: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      await parts.transactions.delete(id, record, { signal });
      return true;
    } catch (error) {
      if (!isPoolError(error, 'ERR_THIN_ACTIVE')) throw error;
      const { deferredDeletion: deferred } = parts.options;
      const gone = await deactivateLayer(parts, id, { deferred, signal });
      if (!gone) return false;
      if (performance.now() >= deadline) throw await busyError(parts, id, error);
    }
    await pause(RETRY_EVERY_MS, signal);
  }
}

/**
 * Discards the blocks of a layer before it is deleted, so that the pool's own devices get the space back. The layer is
 * recorded as deleted first: after a crash in between, it has holes.
 * @returns false if the device is in use; then nothing is discarded
 */
async function discardLayer(
  parts: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const device = await activateIdle(parts, id, record, signal);
  if (device === undefined) return true;
  if (device.openCount > 0) return false;
  try {
    if (!record.deleted) await parts.records.write(id, { ...record, deleted: true });
    await discardThin(device.path, { signal });
  } catch (error) {
    // The pool ignores discards. Deleting the thin device frees its blocks all the same.
    if (!isErrno(error, 'ENOTSUP')) throw error;
  } finally {
    await deactivateLayer(parts, id, { deferred: false });
  }
  return true;
}

/**
 * Activates the layer's device. Without deferred deletion, waits until it has no other holder. Another process may open
 * it again in between.
 * @throws StorageError ERR_LAYER_BUSY
 */
async function activateIdle(
  parts: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<DeviceInfo | undefined> {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    const device = await activateIfThere(parts, id, record, signal);
    const isIdle = device === undefined || device.openCount === 0;
    if (isIdle || parts.options.deferredDeletion) return device;
    if (performance.now() >= deadline) throw await busyError(parts, id, undefined);
    await deactivateLayer(parts, id, { deferred: false, signal });
  }
}

/** Activates the layer's device; `undefined` if its thin device does not exist. */
async function activateIfThere(
  parts: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<DeviceInfo | undefined> {
  try {
    return await activateLayer(parts, id, record, { signal });
  } catch (error) {
    if (isPoolError(error, 'ERR_THIN_MISSING')) return undefined;
    throw error;
  }
}
