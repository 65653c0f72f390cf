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
export {
  DmError,
  InputError,
  isDmError,
  ReplyError,
  type ReplySource,
  UdevTimeoutError,
} from './dm/errors.ts';
export { DmFlag, flagWords } from './dm/flags.ts';
export { joinLvmName, type LvmName, splitLvmName } from './dm/lvm-name.ts';
export { kernelName, kernelUuid, type Mangling, unmangle } from './dm/names.ts';
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
export {
  formatLine,
  formatTable,
  parseTable,
  type TableLine,
  type TargetInput,
} from './dm/table.ts';
export {
  type CacheBlocks,
  type CacheMessages,
  type CacheParams,
  cache,
} from './dm/targets/cache.ts';
export type { CacheFeatures, PolicyArgs } from './dm/targets/cache-features.ts';
export type { CacheStatus, WorkingCache } from './dm/targets/cache-status.ts';
export {
  type CloneCore,
  type CloneFeatures,
  type CloneMessages,
  type CloneParams,
  clone,
} from './dm/targets/clone.ts';
export type { CloneStatus, WorkingClone } from './dm/targets/clone-status.ts';
export {
  type CryptIntegrity,
  type CryptMessages,
  type CryptOptions,
  type CryptParams,
  crypt,
  type ReportedCrypt,
} from './dm/targets/crypt.ts';
export {
  type DelayedPath,
  type DelayParams,
  type DelayStatus,
  delay,
} from './dm/targets/delay.ts';
export {
  type DustMessages,
  type DustParams,
  type DustStatus,
  dust,
} from './dm/targets/dust.ts';
export {
  parseDustClear,
  parseDustCount,
  parseDustList,
  parseDustQuery,
} from './dm/targets/dust-replies.ts';
export { type EbsParams, ebs } from './dm/targets/ebs.ts';
export { type EraMessages, type EraParams, type EraStatus, era } from './dm/targets/era.ts';
export { error } from './dm/targets/error.ts';
export {
  type ByteCorruption,
  type FlakeyFeatures,
  type FlakeyParams,
  flakey,
  type ReportedFlakey,
} from './dm/targets/flakey.ts';
export {
  type InlinecryptOptions,
  type InlinecryptParams,
  inlinecrypt,
  type ReportedInlinecrypt,
} from './dm/targets/inlinecrypt.ts';
export {
  type IntegrityMode,
  type IntegrityOptions,
  type IntegrityParams,
  type IntegrityStatus,
  integrity,
  type ReportedIntegrity,
} from './dm/targets/integrity.ts';
export type { KeyedAlgorithm } from './dm/targets/key-words.ts';
export type {
  Messages,
  NoMessages,
  NoParams,
  Placement,
  TargetKind,
  TrailingWords,
} from './dm/targets/kind.ts';
export { type LinearParams, linear } from './dm/targets/linear.ts';
export {
  type LogWritesMessages,
  type LogWritesParams,
  type LogWritesStatus,
  logWrites,
} from './dm/targets/log-writes.ts';
export {
  type MirrorHealth,
  type MirrorLeg,
  type MirrorOptions,
  type MirrorParams,
  type MirrorStatus,
  mirror,
} from './dm/targets/mirror.ts';
export type { MirrorLog, MirrorLogStatus, RegionLog } from './dm/targets/mirror-log.ts';
export {
  type MultipathFeatures,
  type MultipathMessages,
  type MultipathParams,
  type MultipathPath,
  multipath,
  type PathGroup,
  type ReportedMultipath,
} from './dm/targets/multipath.ts';
export type {
  MultipathStatus,
  PathGroupStatus,
  PathStatus,
} from './dm/targets/multipath-status.ts';
export type { ExtraWords } from './dm/targets/options.ts';
export {
  type PcacheMessages,
  type PcacheOptions,
  type PcacheParams,
  type PcachePosition,
  type PcacheStatus,
  pcache,
  type ReportedPcache,
} from './dm/targets/pcache.ts';
export { type RaidMessages, raid } from './dm/targets/raid.ts';
export type { RaidLevel } from './dm/targets/raid-levels.ts';
export type {
  RaidDevice,
  RaidOptions,
  RaidParams,
  ReportedRaid,
} from './dm/targets/raid-params.ts';
export type { RaidAction, RaidStatus } from './dm/targets/raid-status.ts';
export { type AnyTargetKind, targetKinds } from './dm/targets/registry.ts';
export { snapshot } from './dm/targets/snapshot.ts';
export { snapshotMerge } from './dm/targets/snapshot-merge.ts';
export { type SnapshotOriginParams, snapshotOrigin } from './dm/targets/snapshot-origin.ts';
export type {
  ReportedSnapshot,
  SnapshotFeatures,
  SnapshotParams,
  SnapshotStatus,
  SnapshotStore,
} from './dm/targets/snapshot-text.ts';
export {
  type Stripe,
  type StripedParams,
  type StripedStatus,
  striped,
} from './dm/targets/striped.ts';
export {
  type SwitchMessages,
  type SwitchParams,
  type SwitchPath,
  switchTarget,
} from './dm/targets/switch.ts';
export { mapRegions, type RegionMapping } from './dm/targets/switch-regions.ts';
export { type ThinParams, type ThinStatus, thin } from './dm/targets/thin.ts';
export {
  type ThinPoolDiscard,
  type ThinPoolFeature,
  type ThinPoolMessages,
  type ThinPoolMode,
  type ThinPoolNoSpace,
  type ThinPoolParams,
  type ThinPoolStatus,
  thinPool,
  type WorkingThinPool,
} from './dm/targets/thin-pool.ts';
export { type UnstripedParams, unstriped } from './dm/targets/unstriped.ts';
export {
  type ReportedVdo,
  type VdoMessages,
  type VdoOptions,
  type VdoParams,
  vdo,
} from './dm/targets/vdo.ts';
export type { VdoStatus } from './dm/targets/vdo-status.ts';
export {
  type ReportedVerity,
  type VerityFec,
  type VerityOptions,
  type VerityParams,
  type VerityStatus,
  verity,
} from './dm/targets/verity.ts';
export type { Reported, ReportedIn } from './dm/targets/words.ts';
export {
  type ReportedWritecache,
  type WritecacheMessages,
  type WritecacheOptions,
  type WritecacheParams,
  writecache,
} from './dm/targets/writecache.ts';
export type { WritecacheCounters, WritecacheStatus } from './dm/targets/writecache-status.ts';
export { zero } from './dm/targets/zero.ts';
export {
  type ZoneCount,
  type ZonedDisk,
  type ZonedMessages,
  type ZonedParams,
  type ZonedStatus,
  zoned,
} from './dm/targets/zoned.ts';
export type { Transport, TransportCall, TransportReply } from './dm/transport.ts';
export { type DeviceTree, deviceTrees, formatTrees, type TreeLineOptions } from './dm/tree.ts';
export { hasParams, hasStatus, type TypedLine } from './dm/typed-lines.ts';
export type { TypedStatus } from './dm/typed-status.ts';
export type { UdevFlag, UdevOptions } from './dm/udev.ts';
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
export type { Quantity } from './ioctl/quantity.ts';
export { SyscallError } from './ioctl/syscall-error.ts';
export { type TrimOptions, trimFilesystem } from './ioctl/trim.ts';
export { UnavailableError } from './ioctl/unavailable.ts';
export { type AppliedDiff, applyDiff } from './storage/diff/apply.ts';
export { type Change, changes } from './storage/diff/changes.ts';
export type { CompareOptions } from './storage/diff/compare.ts';
export { diffSize } from './storage/diff/diff-size.ts';
export { DiffError, type DiffErrorCode, isDiffError } from './storage/diff/errors.ts';
export type { LeftOutXattr } from './storage/diff/left-out.ts';
export {
  type DiffOptions,
  type DiffProgress,
  type PackOptions,
  packDiff,
} from './storage/diff/pack.ts';
export type { ChangeKind } from './storage/diff/walk.ts';
export { isStorageError, StorageError, type StorageErrorCode } from './storage/errors.ts';
export type { LayerInfo, LayerMetadata } from './storage/layer-info.ts';
export type { MountLayerOptions } from './storage/layer-mount.ts';
export type { OpenStorageOptions, OpenViewOptions } from './storage/open.ts';
export { STORAGE_OPTION_NAMES } from './storage/option-table.ts';
export {
  type DirectLvmOptions,
  parseStorageOptions,
  type StorageOptions,
} from './storage/options.ts';
export type { SpaceFigures, StorageStatus } from './storage/status.ts';
export {
  type CreateLayerOptions,
  DevicemapperStorage,
} from './storage/storage.ts';
export { StorageView, type StorageViewStatus } from './storage/view.ts';
export type {
  ActivatePoolOptions,
  CreatePoolOptions,
  PoolOptions,
} from './thin/activation.ts';
export type { ActiveThin } from './thin/active-thins.ts';
export type { AutoExtendOptions, ExtendRule, Extension } from './thin/auto-extend.ts';
export { type DiscardThinOptions, discardThin } from './thin/discard.ts';
export { isPoolError, PoolError, type PoolErrorCode } from './thin/errors.ts';
export type { GrowOptions } from './thin/growth.ts';
export type { PoolTable } from './thin/handle.ts';
export {
  type HealthThresholds,
  type PoolHealth,
  type PoolState,
  poolHealth,
  type Usage,
} from './thin/health.ts';
export { findHolders, formatHolder, type Holder } from './thin/holders.ts';
export { ThinIds } from './thin/ids.ts';
export type { ChangeOptions, PoolTransaction } from './thin/messenger.ts';
export { type OpenLivePoolOptions, type OpenPoolOptions, ThinPool } from './thin/pool.ts';
export type { Reserve } from './thin/reserve.ts';
export {
  inspectMetadata,
  type MetadataContent,
  readMetadata,
  type Superblock,
} from './thin/superblock.ts';
export type { ActivateThinOptions, DeactivateThinOptions } from './thin/thin-devices.ts';
export { ToolError } from './thin/tool-error.ts';
export type { DeltaItem, DeltaRange, DeltaSuperblock } from './thin/tool-output/thin-delta.ts';
export type {
  DumpedDevice,
  DumpedMapping,
  DumpedSuperblock,
  DumpItem,
} from './thin/tool-output/thin-dump.ts';
export type { ListedThin } from './thin/tool-output/thin-ls.ts';
export {
  type MetadataToolOptions,
  type ThinCheckOptions,
  type ThinCheckResult,
  type ThinDumpOptions,
  type ToolOptions,
  thinCheck,
  thinDelta,
  thinDump,
  thinLs,
} from './thin/tools.ts';
export type { PoolEvent } from './thin/watch.ts';
