// dmts/ioctl: block devices, loop devices, mounts and file locks, by their own system calls.

export type { DiscardOptions } from './device/block.ts';
export {
  blockDeviceSize,
  discardBlocks,
  flushBlockDevice,
  logicalBlockSize,
} from './device/block.ts';
export { type Flock, type FlockOptions, lockFile } from './file/flock.ts';
export type { MountFlag, UnmountOptions } from './file/mount.ts';
export { type MountOptions, mount, unmount } from './file/mount.ts';
export { syncFilesystem } from './file/sync.ts';
export { type TrimOptions, trimFilesystem } from './file/trim.ts';
export type { Quantity } from './input/checks.ts';
export { type ErrnoCode, isErrno } from './libc/errno.ts';
export type { SyscallFailure } from './libc/syscall-error.ts';
export { SyscallError } from './libc/syscall-error.ts';
export { UnavailableError } from './libc/unavailable.ts';
export {
  type AttachLoopOptions,
  attachLoop,
  detachLoop,
  type LoopDevice,
  type LoopStatus,
  loopStatus,
  refreshLoopCapacity,
} from './loop/loop.ts';
export { loopsOf } from './loop/loop-files.ts';
