// dmts: the Linux device mapper from Node.

export type { Version } from './dm/abi.ts';
export type {
  DeviceEntry,
  DeviceStatus,
  StatusOptions,
  SuspendOptions,
} from './dm/device-commands.ts';
export type { DeviceIdentity, DeviceInfo } from './dm/device-info.ts';
export { DeviceMapper } from './dm/device-mapper.ts';
export { formatDev, majorOf, makeDev, minorOf, parseDev } from './dm/device-number.ts';
export type { DeviceRef } from './dm/device-ref.ts';
export { DmError, InputError, isDmError, ReplyError, UdevTimeoutError } from './dm/errors.ts';
export { DmFlag, flagWords } from './dm/flags.ts';
export { type Mangling, unmangle } from './dm/names.ts';
export type {
  CallOptions,
  CreateOptions,
  Geometry,
  LoadOptions,
  MessageOptions,
  OpenOptions,
  RemoveOptions,
} from './dm/options.ts';
export { probePaths } from './dm/probe-paths.ts';
export type { TargetVersion } from './dm/replies.ts';
export { hideKeys } from './dm/secrets.ts';
export {
  formatLine,
  formatTable,
  parseTable,
  type Sectors,
  type TableLine,
  type TargetInput,
} from './dm/table.ts';
export { error } from './dm/targets/error.ts';
export type { Messages, NoMessages, NoParams, Placement, TargetKind } from './dm/targets/kind.ts';
export { type LinearParams, linear } from './dm/targets/linear.ts';
export { type AnyTargetKind, targetKinds } from './dm/targets/registry.ts';
export {
  type Stripe,
  type StripedParams,
  type StripedStatus,
  striped,
} from './dm/targets/striped.ts';
export { type ThinParams, type ThinStatus, thin } from './dm/targets/thin.ts';
export {
  type ThinPoolFeature,
  type ThinPoolMessages,
  type ThinPoolMode,
  type ThinPoolParams,
  type ThinPoolStatus,
  thinPool,
  type WorkingThinPool,
} from './dm/targets/thin-pool.ts';
export { zero } from './dm/targets/zero.ts';
export type { Transport, TransportCall, TransportReply } from './dm/transport.ts';
export { type DeviceTree, deviceTrees, formatTrees } from './dm/tree.ts';
export type { UdevFlag, UdevOptions } from './dm/udev.ts';
export type { DeviceEvent } from './dm/watch.ts';
export {
  blockDeviceSize,
  discardBlocks,
  flushBlockDevice,
  logicalBlockSize,
} from './ioctl/block.ts';
export { type Flock, type FlockOptions, lockFile } from './ioctl/flock.ts';
export {
  type AttachLoopOptions,
  attachLoop,
  detachLoop,
  type LoopDevice,
  type LoopStatus,
  loopStatus,
  refreshLoopCapacity,
} from './ioctl/loop.ts';
export { type MountOptions, mount, unmount } from './ioctl/mount.ts';
export { SyscallError } from './ioctl/syscall-error.ts';
