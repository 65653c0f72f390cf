// Layers deleted: at once, or as soon as nobody uses them any more.

import type { DeviceInfo } from '../dm/device-info.ts';
import type { CallOptions } from '../dm/options.ts';
import { isErrno } from '../ioctl/errno.ts';
import { pause } from '../ioctl/pause.ts';
import { discardThin } from '../thin/discard.ts';
import { isPoolError, PoolError } from '../thin/errors.ts';
import { REFUSAL } from '../thin/health.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, BUSY_MS, busyError, deactivateLayer } from './devices.ts';
import type { LayerRecord } from './records.ts';
import type { Transactions } from './transactions.ts';

const RETRY_EVERY_MS = 100;

type Parts = StorageContext & { readonly transactions: Transactions };

/** How a layer is deleted. */
export interface DeleteLayerOptions extends CallOptions {
  /** Its device may be active. */
  readonly active: boolean;
}

/**
 * Delete a layer. One that is in use is only marked as deleted where deferred deletion is on.
 * @returns whether it has gone
 * @throws StorageError ERR_LAYER_BUSY that names who uses it, PoolError for a pool that takes no change: then the layer is as
 * it was
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
  if (idle && (await unmakeInTime(parts, id, record, signal))) return true;
  const now = records.get(id);
  if (now !== undefined && !now.deleted) await records.write(id, { ...now, deleted: true });
  return false;
}

/** Ask the pool before anything is recorded that only a deletion can settle. @throws PoolError */
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

/** Whether it could be deleted, which something that has its device open prevents. */
async function unmakeInTime(
  parts: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    try {
      await parts.transactions.unmake(id, record, { signal });
      return true;
    } catch (error) {
      if (!isPoolError(error, 'ERR_THIN_ACTIVE')) throw error;
      const { deferredDeletion: deferred } = parts.options;
      const gone = await deactivateLayer(parts, id, { deferred, signal });
      if (!gone) return false;
      if (Date.now() >= deadline) throw await busyError(parts, id, error);
    }
    await pause(RETRY_EVERY_MS, signal);
  }
}

/**
 * Give the blocks of a layer that is about to be deleted back to the pool's own devices. That it is to be deleted is
 * recorded before: after a crash half-way it has holes.
 * @returns whether nobody uses it: if somebody does, nothing is discarded
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
    // A pool that ignores discards: its blocks are free all the same once the device is deleted.
    if (!isErrno(error, 'ENOTSUP')) throw error;
  } finally {
    await deactivateLayer(parts, id, { deferred: false });
  }
  return true;
}

/**
 * Activate its device; without deferred deletion, once nothing else uses it. Another process may open it again in between.
 * @throws StorageError ERR_LAYER_BUSY
 */
async function activateIdle(
  parts: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<DeviceInfo | undefined> {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    const device = await activateIfThere(parts, id, record, signal);
    const isIdle = device === undefined || device.openCount === 0;
    if (isIdle || parts.options.deferredDeletion) return device;
    if (Date.now() >= deadline) throw await busyError(parts, id, undefined);
    await deactivateLayer(parts, id, { deferred: false, signal });
  }
}

/** A record whose thin device is gone has nothing to discard. */
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
