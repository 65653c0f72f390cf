// dmts/volumes: thin devices with names and sizes, for hosts of virtual machines.

export type { VolumeErrorCode, VolumeFailure } from './config/errors.ts';
export { isVolumeError, VolumeError } from './config/errors.ts';
export type {
  ActivateVolumeOptions,
  CloneVolumeOptions,
  CreateVolumeOptions,
  DeactivateVolumeOptions,
  EnsureVolumesOptions,
  ExportVolumeOptions,
  ImportVolumeOptions,
  VolumeProgress,
} from './config/options.ts';
export type { ImageSource } from './image/image-source.ts';
export type { VolumeInfo } from './info.ts';
export { readVolumes, type VolumesReport } from './read-volumes.ts';
export type { VolumeDevices } from './volume-devices.ts';
export { Volumes } from './volumes.ts';
