// dmts/ioctl: block devices, loop devices, mounts and file locks, by their own system calls.

export type { DiscardOptions } from './block.ts';
export { blockDeviceSize, discardBlocks, flushBlockDevice, logicalBlockSize } from './block.ts';
export { type ErrnoCode, isErrno } from './errno.ts';
export { type Flock, type FlockOptions, lockFile } from './flock.ts';
export {
  type AttachLoopOptions,
  attachLoop,
  detachLoop,
  type LoopDevice,
  type LoopStatus,
  loopStatus,
  refreshLoopCapacity,
} from './loop.ts';
export { loopsOf } from './loop-files.ts';
export type { MountFlag, UnmountOptions } from './mount.ts';
export { type MountOptions, mount, unmount } from './mount.ts';
export type { Quantity } from './quantity.ts';
export type { SyscallFailure } from './syscall-error.ts';
export { SyscallError } from './syscall-error.ts';
export { type TrimOptions, trimFilesystem } from './trim.ts';
export { UnavailableError } from './unavailable.ts';
