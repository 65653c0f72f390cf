// dmts/targets: every target type of the kernel.

export { type CacheBlocks, type CacheMessages, type CacheParams, cache } from './cache/cache.ts';
export type { CacheFeatures, PolicyArgs } from './cache/cache-features.ts';
export type { CacheStatus, WorkingCache } from './cache/cache-status.ts';
export {
  type CloneCore,
  type CloneFeatures,
  type CloneMessages,
  type CloneParams,
  clone,
} from './cache/clone.ts';
export type { CloneStatus, WorkingClone } from './cache/clone-status.ts';
export { type EraMessages, type EraParams, type EraStatus, era } from './cache/era.ts';
export {
  type PcacheMessages,
  type PcacheOptions,
  type PcacheParams,
  type PcachePosition,
  type PcacheStatus,
  pcache,
  type ReportedPcache,
} from './cache/pcache.ts';
export {
  type ReportedWritecache,
  type WritecacheMessages,
  type WritecacheOptions,
  type WritecacheParams,
  writecache,
} from './cache/writecache.ts';
export type { WritecacheCounters, WritecacheStatus } from './cache/writecache-status.ts';
export { type DustMessages, type DustParams, type DustStatus, dust } from './faults/dust.ts';
export {
  parseDustClear,
  parseDustCount,
  parseDustList,
  parseDustQuery,
} from './faults/dust-replies.ts';
export {
  type ByteCorruption,
  type FlakeyFeatures,
  type FlakeyParams,
  flakey,
  type ReportedFlakey,
} from './faults/flakey.ts';
export {
  type LogWritesMessages,
  type LogWritesParams,
  type LogWritesStatus,
  logWrites,
} from './faults/log-writes.ts';
export { type DelayedPath, type DelayParams, type DelayStatus, delay } from './plain/delay.ts';
export { type EbsParams, ebs } from './plain/ebs.ts';
export { error } from './plain/error.ts';
export { type LinearParams, linear } from './plain/linear.ts';
export {
  type MultipathFeatures,
  type MultipathMessages,
  type MultipathParams,
  type MultipathPath,
  multipath,
  type PathGroup,
  type ReportedMultipath,
} from './plain/multipath.ts';
export type { MultipathStatus, PathGroupStatus, PathStatus } from './plain/multipath-status.ts';
export { type Stripe, type StripedParams, type StripedStatus, striped } from './plain/striped.ts';
export {
  type SwitchMessages,
  type SwitchParams,
  type SwitchPath,
  switchTarget,
} from './plain/switch.ts';
export { mapRegions, type RegionMapping } from './plain/switch-regions.ts';
export { type UnstripedParams, unstriped } from './plain/unstriped.ts';
export { zero } from './plain/zero.ts';
export {
  type ZoneCount,
  type ZonedDisk,
  type ZonedMessages,
  type ZonedParams,
  type ZonedStatus,
  zoned,
} from './plain/zoned.ts';
export { type ThinParams, type ThinStatus, thin } from './provisioning/thin.ts';
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
} from './provisioning/thin-pool.ts';
export {
  type ReportedVdo,
  type VdoMessages,
  type VdoOptions,
  type VdoParams,
  vdo,
} from './provisioning/vdo.ts';
export type { VdoStatus } from './provisioning/vdo-status.ts';
export {
  type MirrorHealth,
  type MirrorLeg,
  type MirrorOptions,
  type MirrorParams,
  type MirrorStatus,
  mirror,
} from './raid/mirror.ts';
export type { MirrorLog, MirrorLogStatus, RegionLog } from './raid/mirror-log.ts';
export { type RaidMessages, raid } from './raid/raid.ts';
export type { RaidFamily, RaidLevel } from './raid/raid-levels.ts';
export type { RaidDevice, RaidOptions, RaidParams, ReportedRaid } from './raid/raid-params.ts';
export type { RaidAction, RaidStatus } from './raid/raid-status.ts';
export { type AnyTargetKind, targetKinds } from './registry.ts';
export {
  type CryptIntegrity,
  type CryptMessages,
  type CryptOptions,
  type CryptParams,
  crypt,
  type ReportedCrypt,
} from './security/crypt.ts';
export {
  type InlinecryptOptions,
  type InlinecryptParams,
  inlinecrypt,
  type ReportedInlinecrypt,
} from './security/inlinecrypt.ts';
export {
  type IntegrityMode,
  type IntegrityOptions,
  type IntegrityParams,
  type IntegrityStatus,
  integrity,
  type ReportedIntegrity,
} from './security/integrity.ts';
export {
  type ReportedVerity,
  type VerityFec,
  type VerityOptions,
  type VerityParams,
  type VerityStatus,
  verity,
} from './security/verity.ts';
export { snapshot } from './snapshot/snapshot.ts';
export { snapshotMerge } from './snapshot/snapshot-merge.ts';
export { type SnapshotOriginParams, snapshotOrigin } from './snapshot/snapshot-origin.ts';
export type {
  ReportedSnapshot,
  SnapshotFeatures,
  SnapshotParams,
  SnapshotStatus,
  SnapshotStore,
} from './snapshot/snapshot-text.ts';
export type { KeyedAlgorithm } from './words/key-words.ts';
export type {
  Messages,
  NoMessages,
  NoParams,
  Placement,
  TargetKind,
  TrailingWords,
} from './words/kind.ts';
export type { ExtraWords } from './words/options.ts';
export type { Reported, ReportedIn } from './words/words.ts';
