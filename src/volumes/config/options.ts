// The options of volumes, and their checks.

import type { CallOptions } from '../../dm/device/options.ts';
import type { Bytes, BytesInput, SectorsInput } from '../../dm/text/units.ts';
import {
  type FieldChecks,
  isDuration,
  isFlag,
  isFunction,
  isPath,
  isQuantity,
  isSignal,
} from '../../ioctl/input/checks.ts';

/** How a directory of volumes is opened, or created. */
export interface EnsureVolumesOptions extends CallOptions {
  /** The directory. It is created if it does not exist. */
  readonly dir: string;
  /**
   * Size of the pool's data file in bytes. A new directory needs it, unless `data` is a block device. A larger size than the
   * present one grows the pool.
   */
  readonly size?: BytesInput | undefined;
  /** A block device for the data of a new pool. @default a sparse file in the directory */
  readonly data?: string | undefined;
  /** A block device for the metadata of a new pool. @default a sparse file in the directory */
  readonly metadata?: string | undefined;
  /** Size of the metadata file of a new pool in bytes. @default a 256th of the data, from 64 MiB up to the kernel's maximum */
  readonly metadataSize?: BytesInput | undefined;
  /** Sectors of a data block of a new pool. @default 128 */
  readonly blockSize?: SectorsInput | undefined;
}

/** How a volume is created. */
export interface CreateVolumeOptions extends CallOptions {
  /** In bytes, a multiple of 512. */
  readonly size: BytesInput;
}

/** How a volume is cloned. */
export interface CloneVolumeOptions extends CallOptions {
  /** In bytes, a multiple of 512, at least the size of the origin. @default the size of the origin */
  readonly size?: BytesInput | undefined;
}

/** Reports the bytes that are done, and all of them. */
export type VolumeProgress = (done: Bytes, total: Bytes) => void;

/** How an image is imported. */
export interface ImportVolumeOptions extends CallOptions {
  /**
   * Size of the volume in bytes, a multiple of 512, at least the size of the image. A stream needs it. @default the size of the
   * image, rounded up to 512
   */
  readonly size?: BytesInput | undefined;
  /** Called after each part, with the bytes that are done and the size of the image. */
  readonly onProgress?: VolumeProgress | undefined;
}

/** How a volume is exported. */
export interface ExportVolumeOptions extends CallOptions {
  /** Replace an existing file. @default false */
  readonly overwrite?: boolean | undefined;
  /** Called after each part, with the bytes that are done and all bytes with data. */
  readonly onProgress?: VolumeProgress | undefined;
}

/** How a volume is activated. */
export interface ActivateVolumeOptions extends CallOptions {
  /** @default false */
  readonly readOnly?: boolean | undefined;
}

/** How a volume is deactivated. */
export interface DeactivateVolumeOptions extends CallOptions {
  /** How long to wait for the last holder, in milliseconds. @default 0 */
  readonly timeoutMs?: number | undefined;
}

/** The checks of {@link EnsureVolumesOptions}. */
export const ENSURE: FieldChecks<EnsureVolumesOptions> = {
  dir: isPath,
  size: isQuantity,
  data: isPath,
  metadata: isPath,
  metadataSize: isQuantity,
  blockSize: isQuantity,
  signal: isSignal,
};

/** The checks of {@link CreateVolumeOptions} and {@link CloneVolumeOptions}. */
export const SIZE: FieldChecks<CloneVolumeOptions> = { size: isQuantity, signal: isSignal };

/** The checks of {@link ImportVolumeOptions}. */
export const IMPORT: FieldChecks<ImportVolumeOptions> = { ...SIZE, onProgress: isFunction };

/** The checks of {@link ExportVolumeOptions}. */
export const EXPORT: FieldChecks<ExportVolumeOptions> = {
  overwrite: isFlag,
  onProgress: isFunction,
  signal: isSignal,
};

/** The checks of {@link ActivateVolumeOptions}. */
export const ACTIVATE: FieldChecks<ActivateVolumeOptions> = { readOnly: isFlag, signal: isSignal };

/** The checks of {@link DeactivateVolumeOptions}. */
export const DEACTIVATE: FieldChecks<DeactivateVolumeOptions> = {
  timeoutMs: isDuration,
  signal: isSignal,
};
