// dmts: the Linux device mapper from Node.

export type { Version } from './dm/abi.ts';
export {
  type ConciseDevice,
  type ConciseSource,
  formatConcise,
  parseConcise,
} from './dm/concise.ts';
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
export type { DmFailure } from './dm/errors.ts';
export {
  DmError,
  InputError,
  isDmError,
  ReplyError,
  type ReplySource,
  UdevTimeoutError,
} from './dm/errors.ts';
export { DmFlag, flagWords } from './dm/flags.ts';
export { kernelVersion } from './dm/kernel-version.ts';
export { joinLvmName, type LvmName, splitLvmName } from './dm/lvm-name.ts';
export {
  displayName,
  displayUuid,
  kernelName,
  kernelUuid,
  type Mangling,
  nameForm,
  rightForm,
  unmangle,
} from './dm/names.ts';
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
export { type KeyringKey, SecretKey } from './dm/secret-key.ts';
export { SecretText } from './dm/secret-text.ts';
export { hideKeys } from './dm/secrets.ts';
export { formatSize, parseSize, type SizeUnit } from './dm/size.ts';
export {
  clearStats,
  createStats,
  deleteStats,
  listStats,
  readStats,
  type StatsReadOptions,
  type StatsRegionOptions,
  setStatsAuxiliary,
} from './dm/stats.ts';
export type { StatsRegion, StatsSample } from './dm/stats-text.ts';
export type { LoadLine } from './dm/table.ts';
export {
  formatLine,
  formatTable,
  parseTable,
  type TableLine,
  type TargetInput,
} from './dm/table.ts';
export type {
  Messages,
  NoMessages,
  NoParams,
  Placement,
  TargetKind,
  TrailingWords,
} from './dm/targets/kind.ts';
export type { ExtraWords } from './dm/targets/options.ts';
export type { AnyTargetKind } from './dm/targets/registry.ts';
export type { Reported, ReportedIn } from './dm/targets/words.ts';
export { fromKernel, toKernel } from './dm/text.ts';
export type { Transport, TransportCall, TransportReply } from './dm/transport.ts';
export {
  blockDeviceName,
  type DeviceTree,
  deviceTrees,
  formatTrees,
  type TreeLineOptions,
} from './dm/tree.ts';
export { hasParams, hasStatus, type TypedLine } from './dm/typed-line.ts';
export type { TypedStatus } from './dm/typed-status.ts';
export { COOKIE_MAGIC, type UdevFlag, type UdevOptions } from './dm/udev.ts';
export { listCookies, type UdevCookie } from './dm/udev-cookies.ts';
export {
  type Blocks,
  type BlocksInput,
  type Bytes,
  type BytesInput,
  blocks,
  blocksToSectors,
  bytes,
  bytesToSectors,
  type Sectors,
  type SectorsInput,
  sectors,
  sectorsToBlocks,
  sectorsToBytes,
} from './dm/units.ts';
export type { DeviceEvent } from './dm/watch.ts';
export type { KernelLog } from './ioctl/kmsg.ts';
export type { Quantity } from './ioctl/quantity.ts';
export type { SyscallFailure } from './ioctl/syscall-error.ts';
export { SyscallError } from './ioctl/syscall-error.ts';
export { UnavailableError } from './ioctl/unavailable.ts';
