// dmts/thin: thin pools, their devices and their metadata.

export type { ActivatePoolOptions, CreatePoolOptions, PoolOptions } from './activation.ts';
export type { ActiveThin } from './active-thins.ts';
export type { AutoExtendOptions, ExtendRule, Extension } from './auto-extend.ts';
export type { ThinCensus, ThinDetails } from './device-details.ts';
export {
  type DiscardInactiveOptions,
  type DiscardThinOptions,
  discardThin,
} from './discard.ts';
export type { PoolFailure } from './errors.ts';
export { isPoolError, PoolError, type PoolErrorCode } from './errors.ts';
export type { GrowOptions } from './growth.ts';
export type { PoolTable } from './handle.ts';
export {
  DEFAULT_THRESHOLDS,
  type HealthThresholds,
  type PoolHealth,
  type PoolState,
  poolHealth,
  type Usage,
} from './health.ts';
export type { HolderPlaces } from './holder-search.ts';
export type { DeviceHolder, FileHolder, LoopHolder, SwapHolder } from './holders.ts';
export { findHolders, formatHolder, type Holder } from './holders.ts';
export { ThinIds } from './ids.ts';
export type { ChangeOptions, PoolTransaction, SendOutcome } from './messenger.ts';
export { ThinPool } from './pool.ts';
export type { OpenLivePoolOptions, OpenPoolOptions, PoolViewOptions } from './pool-options.ts';
export type { MountHolder, ProcessHolder } from './process-holders.ts';
export type { Reserve } from './reserve.ts';
export { deviceContent } from './signatures.ts';
export {
  inspectMetadata,
  type MetadataContent,
  readMetadata,
  type Superblock,
} from './superblock.ts';
export type { OwnedOptions } from './suspended.ts';
export type { ActivateThinOptions, DeactivateThinOptions } from './thin-devices.ts';
export type { ToolFailure } from './tool-error.ts';
export { ToolError } from './tool-error.ts';
export type { DeltaItem, DeltaRange, DeltaSuperblock } from './tool-output/thin-delta.ts';
export type {
  DumpedDevice,
  DumpedMapping,
  DumpedSuperblock,
  DumpItem,
} from './tool-output/thin-dump.ts';
export type { ListedThin } from './tool-output/thin-ls.ts';
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
} from './tools.ts';
export { PoolView } from './view.ts';
export type { PoolEvent } from './watch.ts';
