// What a pool stands on: block devices as they are, or files, each through a loop device that goes by itself with its
// last user.

import { constants, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../dm/errors.ts';
import type { Bytes } from '../dm/units.ts';
import { blockDeviceSize } from '../ioctl/block.ts';
import { isErrno } from '../ioctl/errno.ts';
import { holdLoop } from '../ioctl/loop.ts';
import { awaitDetached, isTransient, loopsOf } from '../ioctl/loop-files.ts';
import { PoolError } from './errors.ts';

/** A block device for a pool, held open until it is disposed of: by then the pool itself has it open. */
export interface Backing extends AsyncDisposable {
  /** The block device: the one that was named, or the file's loop device. */
  readonly device: string;
  readonly size: Bytes;
}

const isMissing = (error: unknown): boolean => isErrno(error, 'ENOENT');

/**
 * Open what a pool is to stand on. A file gets a loop device, with direct I/O where its filesystem can.
 * @throws PoolError ERR_POOL_BUSY for a file that is attached to a loop device already: two caches of one file
 * would destroy it
 */
export async function openBacking(path: string, field: string): Promise<Backing> {
  const found = await stat(path);
  if (found.isBlockDevice()) return heldDevice(path);
  if (!found.isFile()) {
    throw new InputError({ field, expected: 'a block device or a file', received: path });
  }
  await refuseAttached(path);
  const held = await holdLoop(path, { autoclear: true });
  return {
    device: held.path,
    size: await blockDeviceSize(held.path),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/** How long a loop device that nothing uses any more may take to go. */
const GONE_WITHIN_MS = 5000;

/**
 * Refuse a file that is attached: two caches of one file would destroy it. A loop device that is about to go is waited for.
 * @throws PoolError ERR_POOL_BUSY
 */
async function refuseAttached(path: string): Promise<void> {
  const loops = await loopsOf(path);
  const [loop] = loops;
  if (loop === undefined) return;
  const transient = await Promise.all(loops.map((one) => isTransient(one)));
  if (transient.every(Boolean) && (await awaitDetached(path, GONE_WITHIN_MS))) return;
  throw new PoolError({
    code: 'ERR_POOL_BUSY',
    pool: path,
    problem: `the file is attached to ${loop} already`,
    hint: `If nothing uses that, detach it with "losetup -d ${loop}"; or name ${loop} instead of the file`,
  });
}

async function heldDevice(path: string): Promise<Backing> {
  const handle = await open(path, 'r');
  return {
    device: path,
    size: await blockDeviceSize(path),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/**
 * Open what a pool that must not be written stands on: a read-only loop device of `size` bytes over the file or the block
 * device. The kernel refuses each write to it.
 * @throws PoolError ERR_POOL_BUSY for what another pool or a filesystem uses: it may change meanwhile
 */
export async function openReadOnlyBacking(
  path: string,
  field: string,
  size: Bytes,
): Promise<Backing> {
  const found = await stat(path);
  if (found.isBlockDevice()) await refuseBusyDevice(path);
  else if (found.isFile()) await refuseAttached(path);
  else throw new InputError({ field, expected: 'a block device or a file', received: path });
  const held = await holdLoop(path, { autoclear: true, readOnly: true, sizeLimit: size });
  return {
    device: held.path,
    size: await blockDeviceSize(held.path),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/**
 * Refuse a block device that another user has open for itself; a file is not refused. Source: open(2), O_EXCL.
 * @throws PoolError ERR_POOL_BUSY
 */
export async function refuseBusyDevice(path: string): Promise<void> {
  try {
    await (await open(path, constants.O_RDONLY | constants.O_EXCL)).close();
  } catch (error) {
    if (!isErrno(error, 'EBUSY')) throw error;
    throw new PoolError({
      code: 'ERR_POOL_BUSY',
      pool: path,
      problem: 'the device is in use',
      hint: `"lsblk ${path}" lists what uses it`,
      cause: error,
    });
  }
}

/**
 * Make a sparse file of `size` bytes unless there is something at `path`, and make its name durable. A file of no bytes is
 * what somebody leaves who dies while he makes one.
 * @returns whether it was made
 */
export async function ensureFile(
  path: string,
  size: Bytes | undefined,
  field: string,
): Promise<boolean> {
  const found = await stat(path).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  const unfinished = found?.isFile() === true && found.size === 0 && size !== undefined;
  if (found !== undefined && !unfinished) return false;
  if (size === undefined || size <= 0n) {
    throw new InputError({
      field,
      expected: `a size for ${JSON.stringify(path)}, which is not there yet`,
      received: size,
    });
  }
  await using file = await open(path, unfinished ? 'r+' : 'wx', 0o600);
  await file.truncate(Number(size));
  await file.sync();
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
  return true;
}

/** Make a file as long as `size` bytes, sparse, if it is shorter. Durable when this returns. */
export async function extendFile(path: string, size: Bytes): Promise<void> {
  await using file = await open(path, 'r+');
  if (BigInt((await file.stat()).size) >= size) return;
  await file.truncate(Number(size));
  await file.sync();
}
