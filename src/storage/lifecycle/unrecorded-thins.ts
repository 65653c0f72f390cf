// Thin devices of the pool that no record names. A person decides about each: it becomes a layer, or it is deleted.

import type { CallOptions } from '../../dm/device/options.ts';
import { type Bytes, SECTOR } from '../../dm/text/units.ts';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import type { ThinDetails } from '../../thin/metadata/device-details.ts';
import { StorageError } from '../config/errors.ts';
import { BASE, checkLayerId, deviceName, layerWords } from '../directory/layout.ts';
import { UNUSED_TAIL } from '../filesystem/filesystem.ts';
import { readFilesystemHeader } from '../filesystem/filesystem-header.ts';
import { deactivateLayer } from '../layers/devices.ts';
import type { OpenedStorage } from './open.ts';

/**
 * Makes a thin device without a record the layer `id`. The size of the layer is that of its filesystem.
 * @throws StorageError ERR_LAYER_ID, ERR_LAYER_EXISTS; ERR_STORAGE_POOL when the thin device does not exist or has a
 * record; ERR_STORAGE_FILESYSTEM when it has no filesystem
 */
export async function adoptThin(
  storage: OpenedStorage,
  id: string,
  deviceId: number,
  options: CallOptions,
): Promise<void> {
  const { layout, records } = storage;
  checkLayerId(layout, id);
  if (records.get(id) !== undefined) {
    throw new StorageError({
      code: 'ERR_LAYER_EXISTS',
      subject: layerWords(id),
      problem: `cannot make thin device ${deviceId} this layer: a layer with this id already exists`,
    });
  }
  const { transactionId } = await demandUnrecorded(storage, deviceId, options);
  const size = await sizeOf(storage, id, deviceId, options);
  await records.write(id, {
    deviceId,
    size,
    transactionId: transactionId + 1n,
    initialized: false,
    deleted: false,
  });
}

/**
 * Deletes a thin device without a record.
 * @throws StorageError ERR_STORAGE_POOL when the thin device does not exist or has a record; PoolError
 */
export async function deleteUnrecorded(
  storage: OpenedStorage,
  deviceId: number,
  options: CallOptions,
): Promise<void> {
  await demandUnrecorded(storage, deviceId, options);
  await storage.pool.deleteThin(deviceId, options);
}

async function demandUnrecorded(
  { pool, records }: OpenedStorage,
  deviceId: number,
  options: CallOptions,
): Promise<ThinDetails> {
  const refuse = (problem: string): StorageError =>
    new StorageError({ code: 'ERR_STORAGE_POOL', subject: `thin device ${deviceId}`, problem });
  for (const [id, record] of records.entries()) {
    if (record.deviceId === deviceId) throw refuse(`it belongs to ${layerWords(id)}`);
  }
  const found = (await pool.thinDetails(options)).get(deviceId);
  if (found === undefined) throw refuse(`pool '${pool.name}' does not have it`);
  return found;
}

/** The size of the filesystem on a thin device, or of the base device, if the filesystem fills that. */
async function sizeOf(
  storage: OpenedStorage,
  id: string,
  deviceId: number,
  { signal }: CallOptions,
): Promise<Bytes> {
  const { pool, layout, records } = storage;
  const base = records.get(BASE)?.size ?? 0n;
  const name = deviceName(layout, id);
  const { path } = await pool.activateThin(deviceId, { name, length: base / SECTOR, signal });
  const header = await withCleanup(
    () => readFilesystemHeader(path),
    () => deactivateLayer(storage, id, { deferred: false }),
  );
  if (header === undefined) {
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: `thin device ${deviceId}`,
      problem: `cannot make it ${layerWords(id)}: it has no ext4 or xfs filesystem`,
      hint: 'The transaction that created it was not complete: delete it',
    });
  }
  return header.size <= base && header.size + UNUSED_TAIL > base ? base : header.size;
}
