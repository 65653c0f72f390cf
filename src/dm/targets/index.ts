// dmts/targets: every target type of the kernel.

export { type CacheBlocks, type CacheMessages, type CacheParams, cache } from './cache.ts';
export type { CacheFeatures, PolicyArgs } from './cache-features.ts';
export type { CacheStatus, WorkingCache } from './cache-status.ts';
export {
  type CloneCore,
  type CloneFeatures,
  type CloneMessages,
  type CloneParams,
  clone,
} from './clone.ts';
export type { CloneStatus, WorkingClone } from './clone-status.ts';
export {
  type CryptIntegrity,
  type CryptMessages,
  type CryptOptions,
  type CryptParams,
  crypt,
  type ReportedCrypt,
} from './crypt.ts';
export { type DelayedPath, type DelayParams, type DelayStatus, delay } from './delay.ts';
export { type DustMessages, type DustParams, type DustStatus, dust } from './dust.ts';
export { parseDustClear, parseDustCount, parseDustList, parseDustQuery } from './dust-replies.ts';
export { type EbsParams, ebs } from './ebs.ts';
export { type EraMessages, type EraParams, type EraStatus, era } from './era.ts';
export { error } from './error.ts';
export {
  type ByteCorruption,
  type FlakeyFeatures,
  type FlakeyParams,
  flakey,
  type ReportedFlakey,
} from './flakey.ts';
export {
  type InlinecryptOptions,
  type InlinecryptParams,
  inlinecrypt,
  type ReportedInlinecrypt,
} from './inlinecrypt.ts';
export {
  type IntegrityMode,
  type IntegrityOptions,
  type IntegrityParams,
  type IntegrityStatus,
  integrity,
  type ReportedIntegrity,
} from './integrity.ts';
export type { KeyedAlgorithm } from './key-words.ts';
export type {
  Messages,
  NoMessages,
  NoParams,
  Placement,
  TargetKind,
  TrailingWords,
} from './kind.ts';
export { type LinearParams, linear } from './linear.ts';
export {
  type LogWritesMessages,
  type LogWritesParams,
  type LogWritesStatus,
  logWrites,
} from './log-writes.ts';
export {
  type MirrorHealth,
  type MirrorLeg,
  type MirrorOptions,
  type MirrorParams,
  type MirrorStatus,
  mirror,
} from './mirror.ts';
export type { MirrorLog, MirrorLogStatus, RegionLog } from './mirror-log.ts';
export {
  type MultipathFeatures,
  type MultipathMessages,
  type MultipathParams,
  type MultipathPath,
  multipath,
  type PathGroup,
  type ReportedMultipath,
} from './multipath.ts';
export type { MultipathStatus, PathGroupStatus, PathStatus } from './multipath-status.ts';
export type { ExtraWords } from './options.ts';
export {
  type PcacheMessages,
  type PcacheOptions,
  type PcacheParams,
  type PcachePosition,
  type PcacheStatus,
  pcache,
  type ReportedPcache,
} from './pcache.ts';
export { type RaidMessages, raid } from './raid.ts';
export type { RaidFamily, RaidLevel } from './raid-levels.ts';
export type { RaidDevice, RaidOptions, RaidParams, ReportedRaid } from './raid-params.ts';
export type { RaidAction, RaidStatus } from './raid-status.ts';
export { type AnyTargetKind, targetKinds } from './registry.ts';
export { snapshot } from './snapshot.ts';
export { snapshotMerge } from './snapshot-merge.ts';
export { type SnapshotOriginParams, snapshotOrigin } from './snapshot-origin.ts';
export type {
  ReportedSnapshot,
  SnapshotFeatures,
  SnapshotParams,
  SnapshotStatus,
  SnapshotStore,
} from './snapshot-text.ts';
export { type Stripe, type StripedParams, type StripedStatus, striped } from './striped.ts';
export { type SwitchMessages, type SwitchParams, type SwitchPath, switchTarget } from './switch.ts';
export { mapRegions, type RegionMapping } from './switch-regions.ts';
export { type ThinParams, type ThinStatus, thin } from './thin.ts';
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
} from './thin-pool.ts';
export { type UnstripedParams, unstriped } from './unstriped.ts';
export { type ReportedVdo, type VdoMessages, type VdoOptions, type VdoParams, vdo } from './vdo.ts';
export type { VdoStatus } from './vdo-status.ts';
export {
  type ReportedVerity,
  type VerityFec,
  type VerityOptions,
  type VerityParams,
  type VerityStatus,
  verity,
} from './verity.ts';
export type { Reported, ReportedIn } from './words.ts';
export {
  type ReportedWritecache,
  type WritecacheMessages,
  type WritecacheOptions,
  type WritecacheParams,
  writecache,
} from './writecache.ts';
export type { WritecacheCounters, WritecacheStatus } from './writecache-status.ts';
export { zero } from './zero.ts';
export {
  type ZoneCount,
  type ZonedDisk,
  type ZonedMessages,
  type ZonedParams,
  type ZonedStatus,
  zoned,
} from './zoned.ts';
