// dmts: the Linux device mapper from Node.

export type { DeviceStatus } from './dm/device/device-commands.ts';
export { DeviceMapper } from './dm/device/device-mapper.ts';
export type { DeviceQueries } from './dm/device/device-queries.ts';
export { kernelVersion } from './dm/device/kernel-version.ts';
export type {
  CallOptions,
  CreateOptions,
  Geometry,
  LoadOptions,
  MessageOptions,
  OpenOptions,
  RemoveOptions,
  StatusOptions,
  SuspendOptions,
} from './dm/device/options.ts';
export { probePaths } from './dm/device/probe-paths.ts';
export {
  blockDeviceName,
  type DeviceTree,
  deviceTrees,
  formatTrees,
  type TreeLineOptions,
} from './dm/device/tree.ts';
export { hasParams, hasStatus, type TypedLine, type TypedStatus } from './dm/device/typed-line.ts';
export type { DeviceEvent } from './dm/device/watch.ts';
export type { DeviceEntry, DeviceIdentity, DeviceInfo } from './dm/reply/device-info.ts';
export type { TargetVersion } from './dm/reply/replies.ts';
export {
  clearStats,
  createStats,
  deleteStats,
  listStats,
  readStats,
  type StatsReadOptions,
  type StatsRegionOptions,
  setStatsAuxiliary,
} from './dm/stats/stats.ts';
export type { StatsRegion, StatsSample } from './dm/stats/stats-text.ts';
export type { AnyTargetKind } from './dm/targets/registry.ts';
export type {
  Messages,
  NoMessages,
  NoParams,
  Placement,
  TargetKind,
  TrailingWords,
} from './dm/targets/words/kind.ts';
export type { ExtraWords } from './dm/targets/words/options.ts';
export type { Reported, ReportedIn } from './dm/targets/words/words.ts';
export {
  type ConciseDevice,
  type ConciseSource,
  formatConcise,
  parseConcise,
} from './dm/text/concise.ts';
export { joinLvmName, type LvmName, splitLvmName } from './dm/text/lvm-name.ts';
export { type KeyringKey, SecretKey } from './dm/text/secret-key.ts';
export { SecretText } from './dm/text/secret-text.ts';
export { hideKeys } from './dm/text/secrets.ts';
export { formatSize, parseSize, type SizeUnit } from './dm/text/size.ts';
export type { LoadLine } from './dm/text/table.ts';
export {
  formatLine,
  formatTable,
  parseTable,
  type TableLine,
  type TargetInput,
} from './dm/text/table.ts';
export {
  type Blocks,
  type BlocksInput,
  type Bytes,
  type BytesInput,
  blocks,
  blocksToSectors,
  bytes,
  bytesToSectors,
  SECTOR,
  type Sectors,
  type SectorsInput,
  sectors,
  sectorsToBlocks,
  sectorsToBytes,
} from './dm/text/units.ts';
export { COOKIE_MAGIC, type UdevFlag, type UdevOptions } from './dm/udev/udev.ts';
export { listCookies, type UdevCookie } from './dm/udev/udev-cookies.ts';
export type { Version } from './dm/wire/abi.ts';
export { formatDev, majorOf, makeDev, minorOf, parseDev } from './dm/wire/device-number.ts';
export type { DeviceRef } from './dm/wire/device-ref.ts';
export type { DmFailure } from './dm/wire/errors.ts';
export {
  DmError,
  InputError,
  isDmError,
  ReplyError,
  type ReplySource,
  UdevTimeoutError,
} from './dm/wire/errors.ts';
export { DmFlag, flagWords } from './dm/wire/flags.ts';
export {
  displayName,
  displayUuid,
  kernelName,
  kernelUuid,
  type Mangling,
  nameForm,
  rightForm,
  unmangle,
} from './dm/wire/names.ts';
export { fromKernel, toKernel } from './dm/wire/text.ts';
export type { Transport, TransportCall, TransportReply } from './dm/wire/transport.ts';
export type { Quantity } from './ioctl/input/checks.ts';
export { DmtsError, type DmtsErrorDetails } from './ioctl/input/dmts-error.ts';
export type { KernelLog } from './ioctl/kernel/kmsg.ts';
export type { SyscallFailure } from './ioctl/libc/syscall-error.ts';
export { SyscallError } from './ioctl/libc/syscall-error.ts';
export { UnavailableError } from './ioctl/libc/unavailable.ts';
