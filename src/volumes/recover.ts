// Completes or undoes what a process left that died: suspended devices, devices with an old name, and thin devices that are
// spare.

import type { DeviceMapper } from '../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../dm/reply/device-info.ts';
import { isDmError } from '../dm/wire/errors.ts';
import { isPoolError } from '../thin/live/errors.ts';
import type { ThinPool } from '../thin/pool/pool.ts';
import type { VolumeRecords } from './directory/records.ts';

/** How long to wait for programs that open new devices, such as udev. */
export const RELEASE_MS = 5000;

/** A pool, and the records of its volumes. */
export interface VolumeState {
  readonly dm: DeviceMapper;
  readonly pool: ThinPool;
  readonly records: VolumeRecords;
}

/** The name of a volume's device. */
export const deviceNameOf = ({ pool }: Pick<VolumeState, 'pool'>, name: string): string =>
  `${pool.name}-${name}`;

/** Deletes a spare thin device if it exists, then its mark. @throws PoolError ERR_THIN_BUSY */
export async function deleteSpare({ pool, records }: VolumeState, id: number): Promise<void> {
  await pool.deactivateThin(id, { timeoutMs: RELEASE_MS });
  try {
    await pool.deleteThin(id);
  } catch (error) {
    if (!isPoolError(error, 'ERR_THIN_MISSING')) throw error;
  }
  await records.removeSpare(id);
}

/**
 * Recovers the volumes of a pool. The caller has the lock of the directory.
 * @param existing the thin devices of the pool
 * @param notice gets a sentence about each repair, and about each one that has to wait
 */
export async function recoverVolumes(
  state: VolumeState,
  existing: { readonly has: (id: number) => boolean },
  notice: (text: string) => void,
): Promise<void> {
  const { records } = state;
  for (const [name, { id }] of records.entries()) {
    if (!existing.has(id))
      notice(`volume "${name}" has lost its data: the pool has no thin device ${id}`);
    const otherwise = `the device of volume "${name}" is not repaired`;
    await repairOrTell(() => mendVolume(state, name, notice), otherwise, notice);
  }
  for (const id of records.spareIds) {
    const otherwise = `thin device ${id} of an incomplete change stays`;
    await repairOrTell(() => settleSpare(state, id, notice), otherwise, notice);
  }
}

/** Runs a repair. If it fails, a notice says so, and the next open tries again. */
async function repairOrTell(
  repair: () => Promise<void>,
  otherwise: string,
  notice: (text: string) => void,
): Promise<void> {
  try {
    await repair();
  } catch (error) {
    if (!isPoolError(error) && !isDmError(error)) throw error;
    notice(`${otherwise}: ${error.message}`);
  }
}

async function settleSpare(
  state: VolumeState,
  id: number,
  notice: (text: string) => void,
): Promise<void> {
  if (state.records.nameOf(id) !== undefined) return state.records.removeSpare(id);
  await deleteSpare(state, id);
  notice(`thin device ${id} was that of an incomplete change: it is deleted`);
}

async function mendVolume(
  state: VolumeState,
  name: string,
  notice: (text: string) => void,
): Promise<void> {
  const device = await state.pool.activeThin(state.records.get(name)!.id);
  if (device !== undefined) await mendDevice(state, name, device, notice);
}

async function mendDevice(
  state: VolumeState,
  name: string,
  { dev, live, inactive, suspended, name: present }: DeviceInfo,
  notice: (text: string) => void,
): Promise<void> {
  const { dm } = state;
  if (!live) {
    await dm.remove({ dev });
    notice(`device ${present} had no table: it is removed`);
    return;
  }
  if (inactive) await dm.clear({ dev });
  if (suspended) {
    await dm.resume({ dev });
    notice(`device ${present} of volume "${name}" was suspended: it is resumed`);
  }
  const wanted = deviceNameOf(state, name);
  if (present === wanted) return;
  await dm.rename({ dev }, wanted);
  notice(`device ${present} of volume "${name}" is renamed to ${wanted}`);
}
