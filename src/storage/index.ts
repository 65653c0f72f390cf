// dmts/storage: layers in Docker's format on a thin pool, and diffs of directories.

export { type AppliedDiff, applyDiff } from './diff/apply.ts';
export { type Change, changes } from './diff/changes.ts';
export type { CompareOptions } from './diff/compare.ts';
export { diffSize } from './diff/diff-size.ts';
export type { DiffFailure } from './diff/errors.ts';
export { DiffError, type DiffErrorCode, isDiffError } from './diff/errors.ts';
export type { LeftOutXattr } from './diff/left-out.ts';
export type { DiffOptions, DiffProgress, PackOptions } from './diff/options.ts';
export { packDiff } from './diff/pack.ts';
export type { ChangeKind } from './diff/walk.ts';
export type { StorageFailure } from './errors.ts';
export { isStorageError, StorageError, type StorageErrorCode } from './errors.ts';
export type { CreateLayerOptions, LayerRequest } from './layer-create.ts';
export type { LayerInfo, LayerMetadata } from './layer-info.ts';
export type { MountLayerOptions } from './layer-mount.ts';
export { checkLayerName } from './layout.ts';
export type { OpenStorageOptions, OpenViewOptions } from './open.ts';
export { STORAGE_OPTION_NAMES } from './option-table.ts';
export { type DirectLvmOptions, parseStorageOptions, type StorageOptions } from './options.ts';
export type { TransactionRecord } from './records.ts';
export type { SpaceFigures, StorageStatus } from './status.ts';
export { DevicemapperStorage } from './storage.ts';
export { StorageView, type StorageViewStatus } from './view.ts';
