// Whether a device may become part of a pool: not while LVM has it, and not while it holds data.

import { open, stat } from 'node:fs/promises';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import { isDmError } from '../dm/errors.ts';
import { PoolError } from './errors.ts';
import { isBlank, readHead, signatureOf } from './signatures.ts';

const LVM_PREFIX = 'LVM-';
/** What the kernel looks at to tell new metadata from old. */
const HEAD_BYTES = 4096;

/**
 * Refuse parts of LVM's thin pools: LVM keeps a record of its own, and whoever else changes such a pool makes LVM
 * refuse it. Other logical volumes are block devices like any other.
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
      problem: `${device} belongs to a thin pool of LVM`,
      hint: 'Activate it with "lvchange -ay"; LVM does not accept a pool that somebody else has changed',
    });
  }
}

/** The uuid of a device, if it is one of the device mapper's. */
async function uuidOf(dm: DeviceMapper, device: string): Promise<string | undefined> {
  try {
    return (await dm.info({ dev: BigInt((await stat(device)).rdev) })).uuid;
  } catch (error) {
    // A disk, a loop device: the device mapper knows nothing of it.
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/** Refuse a device that holds data. `named` is what the caller calls it. @throws PoolError ERR_POOL_NOT_BLANK */
export async function refuseUsed(pool: string, named: string, device: string): Promise<void> {
  const head = await readHead(device);
  if (isBlank(head.subarray(0, HEAD_BYTES)) && signatureOf(head) === undefined) return;
  throw new PoolError({
    code: 'ERR_POOL_NOT_BLANK',
    pool,
    problem: `${named} is not blank: it holds ${signatureOf(head) ?? 'data of an unknown kind'}`,
    hint: 'A pool that is there is activated, not created ("dmts pool activate"). Only if nobody needs what is there: the option overwrite, and all of it is lost',
  });
}

/** Zero the first block, durably: the kernel formats metadata that begins so. */
export async function wipeHead(device: string): Promise<void> {
  await using handle = await open(device, 'r+');
  await handle.write(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  await handle.sync();
}
