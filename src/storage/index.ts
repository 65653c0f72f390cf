// dmts/storage: layers in Docker's format on a thin pool, and diffs of directories.

export { type CheckStorageOptions, checkStorage, type StorageReport } from './check/check.ts';
export type { StorageFinding, StorageFindingCode } from './check/finding.ts';
export type { StorageFailure } from './config/errors.ts';
export { isStorageError, StorageError, type StorageErrorCode } from './config/errors.ts';
export { STORAGE_OPTION_NAMES } from './config/option-table.ts';
export {
  type DirectLvmOptions,
  parseStorageOptions,
  type StorageOptions,
} from './config/options.ts';
export type { LeftOutXattr } from './diff/apply/left-out.ts';
export type { AppliedDiff } from './diff/apply/unpack-tar.ts';
export { applyDiff } from './diff/apply-diff.ts';
export { type Change, changes, diffSize } from './diff/changes.ts';
export { packDiff } from './diff/pack-diff.ts';
export type { DiffFailure } from './diff/tree/errors.ts';
export { DiffError, type DiffErrorCode, isDiffError } from './diff/tree/errors.ts';
export type {
  CompareOptions,
  DiffOptions,
  DiffProgress,
  PackOptions,
} from './diff/tree/options.ts';
export type { ChangeKind } from './diff/tree/walk.ts';
export { checkLayerName } from './directory/layout.ts';
export type { TransactionRecord } from './directory/records.ts';
export type { CreateLayerOptions, LayerRequest } from './layers/layer-create.ts';
export type { LayerInfo, LayerMetadata } from './layers/layer-info.ts';
export type { MountLayerOptions } from './layers/layer-mount.ts';
export type { SpaceUsage, StorageStatus } from './layers/status.ts';
export type { OpenStorageOptions, OpenViewOptions } from './lifecycle/open.ts';
export { type RepairStorageOptions, repairStorage, type StorageRepair } from './repair.ts';
export { DevicemapperStorage } from './storage.ts';
export type { StorageLayers } from './storage-layers.ts';
export { StorageView, type StorageViewStatus } from './view.ts';
