// The devices of layers: activate them under Docker's names, use active ones, and deactivate them.

import { holdersHint } from '../../block/holders.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { thin } from '../../dm/targets/provisioning/thin.ts';
import { SECTOR } from '../../dm/text/units.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { isDmError, reportedOf } from '../../dm/wire/errors.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { pause } from '../../ioctl/input/pause.ts';
import { cancelDeferredRemove } from '../../thin/devices/snapshot.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import { StorageError } from '../config/errors.ts';
import { deviceName, layerWords } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';
import type { StorageContext } from './context.ts';

/** How long the removal of a device by another process may take. */
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;
/** How long to wait for a device that is in use: Docker's 200 times 100 ms. */
export const BUSY_MS = 20_000;

type Parts = Pick<StorageContext, 'dm' | 'pool' | 'layout'>;

/**
 * Activates the device of a layer. An active device is used: its deferred removal is cancelled, and what a process that
 * died left is repaired.
 * @throws StorageError ERR_LAYER_BUSY when another device has its name, PoolError
 */
export async function activateLayer(
  parts: Parts,
  id: string,
  record: LayerRecord,
  { signal }: CallOptions = {},
): Promise<DeviceInfo> {
  const { pool, layout } = parts;
  const name = deviceName(layout, id);
  const length = record.size / SECTOR;
  const deadline = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    try {
      return await pool.activateThin(record.deviceId, { name, length, signal });
    } catch (error) {
      const inUse = isPoolError(error, 'ERR_THIN_ACTIVE') || isDmError(error, 'EBUSY');
      if (!inUse || performance.now() >= deadline) throw error;
      const found = await adoptDevice(parts, id, record, signal);
      if (found !== undefined) return found;
    }
    await pause(LOOK_EVERY_MS, signal);
  }
}

/** Uses the device that has the layer's name; `undefined` if it has disappeared. */
async function adoptDevice(
  { dm, pool, layout }: Parts,
  id: string,
  record: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<DeviceInfo | undefined> {
  const name = deviceName(layout, id);
  try {
    if ((await dm.info(name)).deferredRemove) {
      if (!(await cancelDeferredRemove(dm, name, { signal }))) return undefined;
    }
    await repairDevice({ dm }, await dm.info(name));
    const { info, targets } = await dm.table(name, { noFlush: true });
    const [line] = targets;
    const params =
      line?.type === 'thin' ? reportedOf(name, () => thin.parseParams(line.params)) : undefined;
    const { info: poolInfo } = await pool.table();
    if (params?.id !== record.deviceId || params.pool !== formatDev(poolInfo.dev)) {
      throw new StorageError({
        code: 'ERR_LAYER_BUSY',
        subject: layerWords(id),
        problem: `device ${name} exists but is not thin device ${record.deviceId} of pool ${pool.name}`,
        hint: `Show its table with "dmts table ${name}"`,
      });
    }
    if (line!.length * SECTOR < record.size) {
      return await pool.growThin(record.deviceId, record.size / SECTOR, { signal });
    }
    return info;
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/**
 * Repairs a device that a process that died left: resumes a suspended one, clears an inactive table, and removes a device
 * that never had a table.
 */
export async function repairDevice(
  { dm }: Pick<StorageContext, 'dm'>,
  { name, suspended, live, inactive }: DeviceInfo,
): Promise<void> {
  if (inactive) await dm.clear(name);
  if (!live) await dm.remove(name);
  else if (suspended) await dm.resume(name);
}

/** How a device is deactivated. */
export interface DeactivateOptions extends CallOptions {
  /** If the device is in use, remove it when its last holder has gone, instead of waiting. */
  readonly deferred: boolean;
}

/**
 * Deactivates the device of a layer. A device that does not exist is not an error.
 * @returns true when the device is removed, false when its removal is deferred
 * @throws StorageError ERR_LAYER_BUSY that names the holders
 */
export async function deactivateLayer(
  { dm, layout }: Parts,
  id: string,
  { deferred, signal }: DeactivateOptions,
): Promise<boolean> {
  const name = deviceName(layout, id);
  try {
    const how = deferred ? { deferred } : { retryMs: BUSY_MS };
    return !(await dm.remove(name, { ...how, signal })).deferred;
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return true;
    if (!isDmError(error, 'EBUSY')) throw error;
    throw await busyError({ dm, layout }, id, error);
  }
}

/** The error for a layer that is in use, with the holders. */
export async function busyError(
  { dm, layout }: Pick<StorageContext, 'dm' | 'layout'>,
  id: string,
  cause: unknown,
): Promise<StorageError> {
  const name = deviceName(layout, id);
  const info = await attempt(() => dm.info(name));
  return new StorageError({
    code: 'ERR_LAYER_BUSY',
    subject: layerWords(id),
    problem: `its device ${name} is in use`,
    hint: await holdersHint(info?.dev),
    cause,
  });
}
