// The devices below a pool: block devices, or files, each through a loop device that is detached when its last holder
// has gone.

import { constants, type FileHandle, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CallOptions } from '../../dm/device/options.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { blockDeviceSize } from '../../ioctl/device/block.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { isPath } from '../../ioctl/input/checks.ts';
import { errnoNumber, isErrno } from '../../ioctl/libc/errno.ts';
import { SyscallError } from '../../ioctl/libc/syscall-error.ts';
import { holdLoop } from '../../ioctl/loop/loop.ts';
import { awaitDetached, isTransient, loopsOf } from '../../ioctl/loop/loop-files.ts';
import { PoolError } from '../live/errors.ts';
import { refuseUnreadable } from '../metadata/readable.ts';
import type { MetadataStateOptions } from '../metadata/trees.ts';

/** A block device for a pool, open until it is disposed of. By then the pool has it open. */
export interface Backing extends AsyncDisposable {
  /** The given block device, or the file's loop device. */
  readonly device: string;
  readonly size: Bytes;
}

const isMissing = (error: unknown): boolean => isErrno(error, 'ENOENT');

/**
 * Opens a block device or a file for a pool. A file gets a loop device, with direct I/O if its filesystem supports that.
 * @throws PoolError ERR_POOL_BUSY for a file that is attached to a loop device already: two caches of one file would
 * corrupt it
 */
export async function openBacking(
  path: string,
  field: string,
  options: CallOptions,
): Promise<Backing> {
  const found = await stat(path);
  if (found.isBlockDevice()) return heldDevice(path);
  if (!found.isFile()) {
    throw new InputError({ field, expected: 'a block device or a file', received: path });
  }
  await refuseAttached(path, options);
  const held = await holdLoop(path, { autoclear: true });
  return {
    device: held.path,
    size: await blockDeviceSize(held.path),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/** How long the kernel may take to detach a loop device without a holder. */
const GONE_WITHIN_MS = 5000;

/**
 * Refuses a file that is attached to a loop device: two caches of one file would corrupt it. A loop device that the kernel is
 * about to detach is waited for.
 * @throws PoolError ERR_POOL_BUSY
 */
async function refuseAttached(path: string, { signal }: CallOptions): Promise<void> {
  const loops = await loopsOf(path);
  const [loop] = loops;
  if (loop === undefined) return;
  const transient = await Promise.all(loops.map((one) => isTransient(one)));
  if (transient.every(Boolean) && (await awaitDetached(path, GONE_WITHIN_MS, signal))) return;
  throw new PoolError({
    code: 'ERR_POOL_BUSY',
    pool: path,
    problem: `the file is already attached to ${loop}`,
    hint: `If that is not in use, detach it with "losetup -d ${loop}", or give ${loop} instead of the file`,
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
 * Opens a block device or a file for a pool that must not be written: a read-only loop device of `size` bytes on it. The
 * kernel refuses writes to it.
 * @throws PoolError ERR_POOL_BUSY when another pool or a filesystem uses the device: its content may change
 */
export async function openReadOnlyBacking(
  path: string,
  field: string,
  size: Bytes,
  options: CallOptions,
): Promise<Backing> {
  const found = await stat(path);
  if (found.isBlockDevice()) await refuseBusyDevice(path, path);
  else if (found.isFile()) await refuseAttached(path, options);
  else throw new InputError({ field, expected: 'a block device or a file', received: path });
  const held = await holdLoop(path, { autoclear: true, readOnly: true, sizeLimit: size });
  return {
    device: held.path,
    size: await blockDeviceSize(held.path),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/**
 * Refuses a block device that another holder has opened exclusively, such as a mount or a device above it, and a file with
 * such a loop device. Source: open(2), O_EXCL.
 * @throws PoolError ERR_POOL_BUSY
 */
async function refuseBusy(path: string): Promise<void> {
  if ((await stat(path)).isBlockDevice()) return refuseBusyDevice(path, path);
  for (const loop of await loopsOf(path)) await refuseBusyDevice(loop, path);
}

/**
 * Refuses a path that cannot be read, which programs report as damage, and metadata that may change meanwhile.
 * @throws InputError, PoolError ERR_POOL_BUSY; Node's own error or SyscallError for a path that cannot be read
 */
export async function refuseUnusable(path: string, options: MetadataStateOptions): Promise<void> {
  await refuseUnreadable(path, 'path', options);
  if (!options.metadataSnap) await refuseBusy(path);
}

async function refuseBusyDevice(device: string, path: string): Promise<void> {
  if (!(await isBusy(device))) return;
  throw new PoolError({
    code: 'ERR_POOL_BUSY',
    pool: path,
    problem: device === path ? 'the device is in use' : `its loop device ${device} is in use`,
    hint: `"lsblk ${device}" lists its holders`,
  });
}

async function isBusy(device: string): Promise<boolean> {
  try {
    await (await open(device, constants.O_RDONLY | constants.O_EXCL)).close();
    return false;
  } catch (error) {
    if (!isErrno(error, 'EBUSY')) throw error;
    return true;
  }
}

/**
 * What uses a block device or a file, so that a pool cannot be created on it: `'in use'` or `'attached to /dev/loop0'`. A
 * loop device that the kernel is about to detach does not count.
 * @returns `undefined` if nothing uses it
 * @throws InputError; Node's own error if the path does not exist
 */
export async function backingUse(path: string): Promise<string | undefined> {
  isPath(path, 'path');
  if ((await stat(path)).isBlockDevice()) return (await isBusy(path)) ? 'in use' : undefined;
  const loops = await loopsOf(path);
  const transient = await Promise.all(loops.map((loop) => isTransient(loop)));
  const loop = loops.find((_, i) => !transient[i]);
  return loop === undefined ? undefined : `attached to ${loop}`;
}

/**
 * Creates a sparse file of `size` bytes unless `path` exists, and makes its name durable. An empty file counts as
 * missing: a process that died during the creation leaves one.
 * @returns whether it was created
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
      expected: `a size for ${JSON.stringify(path)}, which does not exist`,
      received: size,
    });
  }
  await using file = await open(path, unfinished ? 'r+' : 'wx', 0o600);
  try {
    await resizeFile(path, file, size);
  } catch (error) {
    // The error of the resize is reported. A file that existed before stays, and is empty again.
    await attempt(() => (unfinished ? file.truncate(0) : rm(path)));
    throw error;
  }
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
  return true;
}

/** Extends a shorter file to `size` bytes, sparse and durably. */
export async function extendFile(path: string, size: Bytes): Promise<void> {
  await using file = await open(path, 'r+');
  if (BigInt((await file.stat()).size) >= size) return;
  await resizeFile(path, file, size);
}

/** Sets the size of an open file, durably. @throws SyscallError that names the file */
export async function resizeFile(path: string, file: FileHandle, size: Bytes): Promise<void> {
  const failed = (syscall: string, errno: number, limit: string): SyscallError => {
    const hint = errno === errnoNumber('EFBIG') ? limit : undefined;
    return new SyscallError({ syscall, errno, path, hint });
  };
  // Node rejects a larger size with an error that names no file.
  if (size > Number.MAX_SAFE_INTEGER) {
    const limit = `Node sets sizes up to ${Number.MAX_SAFE_INTEGER} bytes`;
    throw failed('ftruncate', errnoNumber('EFBIG'), limit);
  }
  try {
    await file.truncate(Number(size));
    await file.sync();
  } catch (error) {
    const { syscall, errno } = error as NodeJS.ErrnoException;
    if (syscall === undefined || errno === undefined) throw error;
    throw failed(syscall, -errno, `Its filesystem cannot hold a file of ${size} bytes`);
  }
}
