// Checks whether a device may become part of a pool: it must not belong to LVM's pools, and must not hold data.

import { open, stat } from 'node:fs/promises';
import { BLANK_BYTES, deviceContent } from '../../block/signatures.ts';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { PoolError } from '../live/errors.ts';

const LVM_PREFIX = 'LVM-';

/**
 * Refuses devices of LVM's thin pools: LVM has its own records of a pool, and refuses one that another program changed.
 * Other logical volumes are accepted.
 * @throws PoolError ERR_POOL_METADATA
 */
export async function refuseLvm(
  dm: DeviceMapper,
  pool: string,
  devices: readonly string[],
): Promise<void> {
  for (const device of devices) {
    const uuid = await uuidOf(dm, device);
    if (!uuid?.startsWith(LVM_PREFIX) || !/-(tmeta|tdata|tpool|pool)$/.test(uuid)) continue;
    throw new PoolError({
      code: 'ERR_POOL_METADATA',
      pool,
      problem: `${device} belongs to an LVM thin pool`,
      hint: 'Activate it with "lvchange -ay"; LVM refuses a pool that another program changed',
    });
  }
}

/** The uuid of a mapped device; `undefined` for another device. */
async function uuidOf(dm: DeviceMapper, device: string): Promise<string | undefined> {
  try {
    return (await dm.info({ dev: BigInt((await stat(device)).rdev) })).uuid;
  } catch (error) {
    // The device is not a mapped device.
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/**
 * Refuses a device or a file that holds data. @throws PoolError ERR_POOL_NOT_BLANK
 */
export async function refuseUsed(pool: string, path: string, options: CallOptions): Promise<void> {
  const content = await deviceContent(path, options);
  if (content === undefined) return;
  throw new PoolError({
    code: 'ERR_POOL_NOT_BLANK',
    pool,
    problem: `${path} is not blank: it holds ${content}`,
    hint: 'To use an existing pool, activate it ("dmts pool activate"). To replace the data, use the option overwrite: all of the data is lost',
  });
}

/** Zeroes the first block durably, so that the kernel formats the metadata. */
export async function wipeHead(device: string): Promise<void> {
  await using handle = await open(device, 'r+');
  await handle.write(Buffer.alloc(BLANK_BYTES), 0, BLANK_BYTES, 0);
  await handle.sync();
}
