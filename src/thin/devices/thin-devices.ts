// Activate, grow and deactivate the thin devices of a pool. An id is never active twice.

import { holdersHint } from '../../block/holders.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { thin } from '../../dm/targets/provisioning/thin.ts';
import { type SectorsInput, sectors } from '../../dm/text/units.ts';
import { isDmError, reportedOf } from '../../dm/wire/errors.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { PoolError } from '../live/errors.ts';
import type { PoolHandle } from '../live/handle.ts';
import type { ActiveThins } from './active-thins.ts';
import { thinUuid } from './active-thins.ts';

/** How to activate a thin device. */
export interface ActivateThinOptions extends CallOptions {
  /** Length in sectors. The pool does not record it. */
  readonly length: SectorsInput;
  /** Name of the device. @default the pool's name, `-` and the id */
  readonly name?: string;
  /** @default false */
  readonly readOnly?: boolean;
  /** A device with the data of blocks that are not mapped yet. It is never written. */
  readonly externalOrigin?: string | undefined;
}

/** How to deactivate a thin device. */
export interface DeactivateThinOptions extends CallOptions {
  /** How long to wait for the last holder, in milliseconds. @default 0 */
  readonly timeoutMs?: number;
  /** If the device is still in use then, remove it when its last holder has gone. @default false */
  readonly deferred?: boolean;
}

const activeError = (
  { name: pool }: PoolHandle,
  id: number,
  { name, live, deferredRemove }: DeviceInfo,
): PoolError =>
  new PoolError({
    code: 'ERR_THIN_ACTIVE',
    pool,
    id,
    problem: live
      ? `it is active as '${name}'`
      : `its device '${name}' has no table: a process is activating it, or has died`,
    hint: !live
      ? `If that process has died, "dmts remove ${name}" removes the device`
      : deferredRemove
        ? 'The device is removed when its last holder has gone; cancelling its deferred removal makes it usable again'
        : 'Use that device: a second one with the same id would destroy its filesystem',
  });

/**
 * Activates thin device `id`.
 * @throws PoolError ERR_THIN_ACTIVE when it is active under any name; ERR_THIN_MISSING when the pool has no such id
 */
export async function activateThin(
  pool: PoolHandle,
  active: ActiveThins,
  id: number,
  options: ActivateThinOptions,
): Promise<DeviceInfo> {
  const { length, name = `${pool.name}-${id}`, readOnly = false, externalOrigin, signal } = options;
  const target = thin({ length: sectors(length, 'length'), pool: pool.path, id, externalOrigin });
  const foreign = await active.findForeign(id);
  if (foreign !== undefined) throw activeError(pool, id, foreign);
  try {
    const uuid = thinUuid(pool.dev, id);
    return await pool.dm.create(name, { table: [target], uuid, readOnly, signal });
  } catch (error) {
    if (isDmError(error, 'EBUSY') && error.command === 'DM_DEV_CREATE') {
      const own = await attempt(() => active.find(id));
      if (own !== undefined) throw activeError(pool, id, own);
    }
    if (!isDmError(error, 'ENODATA')) throw error;
    throw new PoolError({
      code: 'ERR_THIN_MISSING',
      pool: pool.name,
      id,
      problem: 'the pool has no thin device with this id',
      cause: error,
    });
  }
}

/**
 * Deactivates thin device `id`. An inactive one is not an error.
 * @returns whether the removal is deferred
 * @throws PoolError ERR_THIN_BUSY with the holders, after `timeoutMs`
 */
export async function deactivateThin(
  pool: PoolHandle,
  active: ActiveThins,
  id: number,
  { timeoutMs = 0, deferred = false, signal }: DeactivateThinOptions,
): Promise<{ readonly deferred: boolean }> {
  const device = await active.find(id);
  if (device === undefined) return { deferred: false };
  const { dev, name } = device;
  try {
    return await removeInTime(pool, dev, { timeoutMs, deferred, signal });
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return { deferred: false };
    if (!isDmError(error, 'EBUSY')) throw error;
    throw new PoolError({
      code: 'ERR_THIN_BUSY',
      pool: pool.name,
      id,
      problem: `its device '${name}' is in use${timeoutMs > 0 ? ` after ${timeoutMs} ms` : ''}`,
      hint: await holdersHint(dev),
      cause: error,
    });
  }
}

/** Only the last try may defer: while a deferred removal is pending, no process can open the device. */
async function removeInTime(
  { dm }: PoolHandle,
  dev: bigint,
  { timeoutMs, deferred, signal }: Required<Omit<DeactivateThinOptions, 'signal'>> & CallOptions,
): Promise<{ readonly deferred: boolean }> {
  try {
    return await dm.remove({ dev }, { retryMs: timeoutMs, signal });
  } catch (error) {
    if (!deferred || !isDmError(error, 'EBUSY')) throw error;
    return dm.remove({ dev }, { deferred: true, signal });
  }
}

/**
 * Grows an active thin device to `length` sectors. Its filesystem does not grow.
 * @throws PoolError ERR_THIN_MISSING when it is not active, ERR_POOL_SIZE when it would shrink
 */
export async function growThin(
  pool: PoolHandle,
  active: ActiveThins,
  id: number,
  length: SectorsInput,
  { signal }: CallOptions,
): Promise<DeviceInfo> {
  const wanted = sectors(length, 'length');
  const device = await active.find(id);
  if (device === undefined) {
    throw new PoolError({
      code: 'ERR_THIN_MISSING',
      pool: pool.name,
      id,
      problem: 'it is not active',
      hint: 'An inactive thin device has no size: give the new size at its activation',
    });
  }
  const { info, targets } = await pool.dm.table({ dev: device.dev }, { noFlush: true });
  const [line] = targets;
  if (wanted < line!.length) {
    throw new PoolError({
      code: 'ERR_POOL_SIZE',
      pool: pool.name,
      id,
      problem: `cannot shrink it from ${line!.length} to ${wanted} sectors`,
    });
  }
  const params = reportedOf(info.name, () => thin.parseParams(line!.params));
  return pool.dm.reload({ dev: device.dev }, [thin({ ...params, length: wanted })], {
    readOnly: info.readOnly,
    signal,
  });
}
