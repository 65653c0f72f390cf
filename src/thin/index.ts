// dmts/thin: thin pools, their devices and their metadata.

export type { HolderPlaces } from '../block/holder-places.ts';
export type { DeviceHolder, FileHolder, LoopHolder, SwapHolder } from '../block/holders.ts';
export { findHolders, formatHolder, type Holder } from '../block/holders.ts';
export type { MountHolder, ProcessHolder } from '../block/process-holders.ts';
export { deviceContent } from '../block/signatures.ts';
export type { AutoExtendOptions, ExtendRule, Extension } from './backing/auto-extend.ts';
export { backingUse } from './backing/backing.ts';
export type { GrowOptions } from './backing/growth.ts';
export type { ActiveThin } from './devices/active-thins.ts';
export { compareThins, readThins } from './devices/at-path.ts';
export {
  type DiscardInactiveOptions,
  type DiscardThinOptions,
  discardThin,
} from './devices/discard.ts';
export { ThinIds } from './devices/ids.ts';
export type { ActivateThinOptions, DeactivateThinOptions } from './devices/thin-devices.ts';
export type { PoolFailure } from './live/errors.ts';
export { isPoolError, PoolError, type PoolErrorCode } from './live/errors.ts';
export type { PoolTable } from './live/handle.ts';
export {
  DEFAULT_THRESHOLDS,
  type HealthThresholds,
  type PoolHealth,
  type PoolState,
  poolHealth,
  type Usage,
} from './live/health.ts';
export type { ChangeOptions, PoolTransaction, SendOutcome } from './live/messenger.ts';
export type { Reserve } from './live/reserve.ts';
export type { OwnedOptions } from './live/suspended.ts';
export type { PoolEvent } from './live/watch.ts';
export type { DeltaItem, DeltaRange, DeltaSuperblock } from './metadata/delta.ts';
export type { ThinCensus, ThinDetails } from './metadata/device-details.ts';
export type { CompareThinsOptions } from './metadata/difference.ts';
export type { MappedRange } from './metadata/mapped-ranges.ts';
export { METADATA_BLOCK } from './metadata/metadata-need.ts';
export {
  inspectMetadata,
  type MetadataContent,
  readMetadata,
  type Superblock,
} from './metadata/superblock.ts';
export type { MetadataStateOptions } from './metadata/trees.ts';
export type { ThinUsage } from './metadata/usage.ts';
export type { ActivatePoolOptions, CreatePoolOptions, PoolOptions } from './pool/activation.ts';
export type { OpenLivePoolOptions, OpenPoolOptions, PoolViewOptions } from './pool/options.ts';
export { ThinPool } from './pool/pool.ts';
export type { PoolThins } from './pool/pool-thins.ts';
export type { PoolProblem, PoolProblemCode } from './pool/problems.ts';
export { PoolView } from './pool/view.ts';
export type {
  DumpedDevice,
  DumpedMapping,
  DumpedSuperblock,
  DumpItem,
} from './tools/thin-dump.ts';
export type { ListedThin } from './tools/thin-ls.ts';
export type { ToolFailure } from './tools/tool-error.ts';
export { ToolError } from './tools/tool-error.ts';
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
} from './tools/tools.ts';
