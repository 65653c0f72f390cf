// Grows the device below a pool: extends the file of a loop device, and restores its size when the growth fails.

import { open, stat, statfs } from 'node:fs/promises';
import type { Bytes } from '../../dm/text/units.ts';
import { blockDeviceSize, deviceNode } from '../../ioctl/device/block.ts';
import { refreshLoopCapacity } from '../../ioctl/loop/loop.ts';
import { fileOfLoop } from '../../ioctl/loop/loop-files.ts';
import { PoolError } from '../live/errors.ts';
import { extendFile, resizeFile } from './backing.ts';

/** The device that grows. */
export interface GrowingDevice {
  readonly pool: string;
  readonly what: 'data' | 'metadata';
  /** `major:minor` */
  readonly number: string;
}

/** Restores the size of a file after a failed growth. The pool must not use the added range. */
export type PutBack = () => Promise<void>;

const nothing: PutBack = async () => undefined;

/**
 * Ensures that a device has at least `size` bytes; the file of a loop device is extended.
 * @throws PoolError ERR_POOL_SIZE when the device is too small and cannot grow
 */
export async function ensureSize(
  { pool, what, number }: GrowingDevice,
  size: Bytes,
  overcommit: boolean,
): Promise<PutBack> {
  const path = await deviceNode(number);
  const now = await blockDeviceSize(path);
  if (now >= size) return nothing;
  const fail = (problem: string, hint: string): PoolError =>
    new PoolError({ code: 'ERR_POOL_SIZE', pool, problem, hint });
  const file = await fileOfLoop(number);
  if (file === undefined) {
    throw fail(
      `its ${what} device ${path} is too small: expected at least ${size} bytes, got ${now}`,
      'Grow that device first',
    );
  }
  const { bavail, bsize } = await statfs(file, { bigint: true });
  if (!overcommit && bavail * bsize < size - now) {
    throw fail(
      `cannot grow its ${what} file ${file} by ${size - now} bytes: its filesystem has ${bavail * bsize} free`,
      'Free space on that filesystem, or move the pool',
    );
  }
  const before = (await stat(file, { bigint: true })).size;
  const putBack = (): Promise<void> => shrinkFile(file, path, size, before);
  try {
    await extendFile(file, size);
    await refreshLoopCapacity(path);
  } catch (error) {
    await putBack().catch(() => undefined);
    throw error;
  }
  return putBack;
}

/** A file whose size differs from `from` is left alone: another process has changed it since. */
async function shrinkFile(file: string, loop: string, from: Bytes, to: Bytes): Promise<void> {
  await using handle = await open(file, 'r+');
  if (to >= from || (await handle.stat({ bigint: true })).size !== from) return;
  await resizeFile(file, handle, to);
  await refreshLoopCapacity(loop);
}
