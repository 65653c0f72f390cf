// A program that puts a filesystem image to use: it attaches the image to a loop device, mounts it under a lock, and
// undoes both.

import {
  type AttachLoopOptions,
  attachLoop,
  blockDeviceSize,
  detachLoop,
  discardBlocks,
  type ErrnoCode,
  type Flock,
  flushBlockDevice,
  isErrno,
  type LoopDevice,
  type LoopStatus,
  lockFile,
  logicalBlockSize,
  loopStatus,
  loopsOf,
  type MountFlag,
  mount,
  type Quantity,
  refreshLoopCapacity,
  SyscallError,
  trimFilesystem,
  UnavailableError,
  unmount,
} from 'dmts/ioctl';

const READ_ONLY: AttachLoopOptions = { readOnly: true, autoclear: true, directIo: 'try' };
const FLAGS: readonly MountFlag[] = ['ro', 'nodev', 'nosuid'];
const BUSY: readonly ErrnoCode[] = ['EBUSY'];

/** Runs `task` with the content of a filesystem image. */
export async function withImage(
  image: string,
  directory: string,
  task: (directory: string) => Promise<void>,
): Promise<void> {
  const lock: Flock = await lockFile(`${image}.lock`, { timeout: 1000 });
  try {
    const device: LoopDevice = await attachLoop(image, READ_ONLY);
    try {
      await mount({ source: device.path, target: directory, type: 'ext4', flags: FLAGS });
      try {
        await task(directory);
      } finally {
        await unmount(directory, { lazy: true });
      }
    } finally {
      await detachLoop(device.path);
    }
  } finally {
    await lock.release();
  }
}

export async function describe(image: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await loopsOf(image)) {
    const { offset, readOnly, directIo }: LoopStatus = await loopStatus(path);
    const size: Quantity<'bytes'> = await blockDeviceSize(path);
    const block: number = await logicalBlockSize(path);
    lines.push(`${path}: ${size} bytes from ${offset}, ${block}, ${readOnly}, ${directIo}`);
  }
  return lines.join('\n');
}

/** Gives the space of deleted files back. */
export async function shrink(path: string, directory: string): Promise<bigint> {
  try {
    await flushBlockDevice(path);
    await refreshLoopCapacity(path);
    await discardBlocks(path, { start: 0, length: 1_048_576n });
    return await trimFilesystem(directory, { minLength: 65_536 });
  } catch (error) {
    if (isErrno(error, 'ENOTSUP', 'ENOTTY') || isErrno(error, ...BUSY)) return 0n;
    if (error instanceof SyscallError) console.error(error.code, error.syscall, error.path);
    if (error instanceof UnavailableError) console.error(error.message);
    throw error;
  }
}
