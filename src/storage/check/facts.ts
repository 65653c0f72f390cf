// What a check compares: the files of the directory, the pool, and the devices of the kernel.

import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import type { MetadataContent } from '../../thin/metadata/superblock.ts';
import type { StorageError } from '../config/errors.ts';
import type { Layout } from '../directory/layout.ts';
import type { DeviceSetRecord, LayerRecord, TransactionRecord } from '../directory/records.ts';
import type { FilesystemHeader } from '../filesystem/filesystem-header.ts';

/** The files of `metadata`. */
export interface RecordFacts {
  /** Every name in the directory. */
  readonly names: readonly string[];
  /** Why a file cannot be read as a record. */
  readonly faults: readonly StorageError[];
  readonly layers: ReadonlyMap<string, LayerRecord>;
  readonly transaction: TransactionRecord | undefined;
  readonly deviceSet: DeviceSetRecord | undefined;
}

/** The pool of the directory. */
export interface PoolFacts {
  readonly name: string;
  /** Another program maintains it. */
  readonly external: boolean;
  /** The device of an active pool. */
  readonly info: DeviceInfo | undefined;
  /** The kernel's status of an active pool; for an inactive one, the status according to its metadata. */
  readonly status: ThinPoolStatus | undefined;
  /** The content of the metadata of an inactive pool. */
  readonly content: MetadataContent | undefined;
  /** The thin devices; `undefined` if they cannot be read. */
  readonly census: ThinCensus | undefined;
}

/** A device whose name begins with the prefix of the directory. */
export interface DeviceFacts {
  readonly info: DeviceInfo;
  /** The thin id and the pool, `major:minor`, in its live table; `undefined` for another table or none. */
  readonly thin: { readonly id: number; readonly pool: string } | undefined;
}

/** Everything that a check compares. */
export interface StorageFacts extends RecordFacts {
  readonly layout: Layout;
  /** The pool, or why it cannot be found. */
  readonly pool: PoolFacts | StorageError;
  readonly devices: readonly DeviceFacts[];
  /** The layers whose mount points are in use. */
  readonly mounted: ReadonlySet<string>;
  /** The mount points of growing filesystems, of any storage, by `major:minor` of the device. */
  readonly growths: ReadonlyMap<string, string>;
  /** The filesystem of the base device; `undefined` if the check did not read it. */
  readonly base: { readonly header: FilesystemHeader | undefined } | undefined;
  /** What thin_check found in the metadata; `undefined` if it found nothing or did not run. */
  readonly damage: string | undefined;
}
