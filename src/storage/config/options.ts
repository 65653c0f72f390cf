// The options of the backend, as `dockerd --storage-opt` takes them: `dm.basesize=20G`.
// Source: NewDeviceSet in daemon/graphdriver/devmapper of moby.

import type { Bytes } from '../../dm/text/units.ts';
import { isTextList } from '../../ioctl/input/checks.ts';
import { type OptionName, readOptions, refuseOption, type ValueOf } from './option-table.ts';

/** An LVM thin pool to create on a disk: the options `dm.directlvm_device` and `dm.thinp_*`. */
export interface DirectLvmOptions {
  readonly device: string;
  /** Use the disk even if it has a filesystem. */
  readonly force: boolean;
  /** As given. 0 means the default, 95. */
  readonly thinpPercent: number;
  /** As given. 0 means the default, 1. */
  readonly thinpMetaPercent: number;
  /** As given. 0 means the default, 80. */
  readonly autoExtendThreshold: number;
  /** As given. 0 means the default, 20. */
  readonly autoExtendPercent: number;
}

/** How a storage directory is set up. */
export interface StorageOptions {
  /** Size of the base device. `undefined`: 10 GiB for a new one; an existing one keeps its size. */
  readonly baseSize: Bytes | undefined;
  /** Size of the data file. `undefined`: 100 GiB for a new one; an existing one keeps its size. */
  readonly loopDataSize: Bytes | undefined;
  /** Size of the metadata file. `undefined`: 2 GiB for a new one; an existing one keeps its size. */
  readonly loopMetadataSize: Bytes | undefined;
  /** `undefined`: xfs if it can be created and mounted, else ext4. */
  readonly filesystem: 'ext4' | 'xfs' | undefined;
  readonly mkfsArgs: readonly string[];
  readonly mountOptions: readonly string[];
  readonly dataDevice: string | undefined;
  readonly metadataDevice: string | undefined;
  /** Discard a device before it is deleted. */
  readonly blkDiscard: boolean;
  /** Block size of a new pool, in bytes. */
  readonly blockSize: Bytes;
  /** Name of an external pool, which another program maintains. */
  readonly thinPoolDevice: string | undefined;
  readonly overrideUdevSyncCheck: boolean;
  readonly deferredRemoval: boolean;
  readonly deferredDeletion: boolean;
  /** Percent of the pool that must be free for a new layer. */
  readonly minFreeSpacePercent: number;
  /** How often xfs retries a metadata write without space; `undefined`: forever. */
  readonly xfsNospaceMaxRetries: bigint | undefined;
  readonly directLvm: DirectLvmOptions | undefined;
  readonly libdmLogLevel: number;
}

const GIB = 1024n ** 3n;
/** Size of a new base device. */
export const BASE_SIZE_DEFAULT: Bytes = 10n * GIB;
/** Size of a new data file. */
export const LOOP_DATA_DEFAULT: Bytes = 100n * GIB;
/** Size of a new metadata file. */
export const LOOP_METADATA_DEFAULT: Bytes = 2n * GIB;

/**
 * Parses options. If an option is repeated, the last one wins, except for `dm.mkfsarg` and `dm.mountopt`, which
 * accumulate.
 * @throws StorageError ERR_STORAGE_OPTION, which names the option, the expected value and the given one
 */
export function parseStorageOptions(words: readonly string[]): StorageOptions {
  isTextList(words, 'storageOptions');
  const given = readOptions(words);
  const last = <Name extends OptionName>(name: Name): ValueOf<Name> | undefined =>
    given[name]?.at(-1) as ValueOf<Name> | undefined;
  const thinPoolDevice = last('thinpooldev')?.replace(/^\/dev\/mapper\//, '');
  const dataDevice = last('datadev');
  const metadataDevice = last('metadatadev');
  const directLvm = directLvmOf(last);
  const deferredRemoval = last('use_deferred_removal') ?? true;
  const deferredDeletion = last('use_deferred_deletion') ?? deferredRemoval;
  const blockSize = last('blocksize') ?? 64n * 1024n;

  if (deferredDeletion && !deferredRemoval) {
    throw refuseOption(
      'dm.use_deferred_deletion',
      'it needs dm.use_deferred_removal, which is false',
      'Set both to false, or neither',
    );
  }
  if ((dataDevice === undefined) !== (metadataDevice === undefined)) {
    throw refuseOption(
      dataDevice === undefined ? 'dm.metadatadev' : 'dm.datadev',
      `it needs ${dataDevice === undefined ? 'dm.datadev' : 'dm.metadatadev'} as well`,
    );
  }
  if (thinPoolDevice !== undefined && dataDevice !== undefined) {
    throw refuseOption(
      'dm.thinpooldev',
      'it conflicts with dm.datadev and dm.metadatadev: the pool already has its devices',
    );
  }
  if (directLvm !== undefined && (thinPoolDevice ?? dataDevice) !== undefined) {
    throw refuseOption(
      'dm.directlvm_device',
      'it conflicts with dm.thinpooldev and dm.datadev: it creates the pool itself',
    );
  }
  return {
    baseSize: wholeSectors('dm.basesize', last('basesize')),
    loopDataSize: last('loopdatasize'),
    loopMetadataSize: last('loopmetadatasize'),
    filesystem: last('fs'),
    mkfsArgs: given.mkfsarg ?? [],
    mountOptions: given.mountopt ?? [],
    dataDevice,
    metadataDevice,
    blkDiscard: last('blkdiscard') ?? (thinPoolDevice ?? dataDevice ?? directLvm) === undefined,
    blockSize,
    thinPoolDevice,
    overrideUdevSyncCheck: last('override_udev_sync_check') ?? false,
    deferredRemoval,
    deferredDeletion,
    minFreeSpacePercent: last('min_free_space') ?? 10,
    xfsNospaceMaxRetries: last('xfs_nospace_max_retries'),
    directLvm,
    libdmLogLevel: last('libdm_log_level') ?? 2,
  };
}

function directLvmOf(
  last: <Name extends OptionName>(name: Name) => ValueOf<Name> | undefined,
): DirectLvmOptions | undefined {
  const device = last('directlvm_device');
  const data = last('thinp_percent');
  const metadata = last('thinp_metapercent');
  const threshold = last('thinp_autoextend_threshold');
  const step = last('thinp_autoextend_percent');
  if (device === undefined) {
    const [orphan] = Object.entries({
      directlvm_device_force: last('directlvm_device_force') || undefined,
      thinp_percent: data,
      thinp_metapercent: metadata,
      thinp_autoextend_threshold: threshold,
      thinp_autoextend_percent: step,
    }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (orphan !== undefined)
      throw refuseOption(`dm.${orphan}`, 'it needs dm.directlvm_device as well');
    return undefined;
  }
  if ((data === undefined) !== (metadata === undefined)) {
    throw refuseOption('dm.thinp_percent', 'it and dm.thinp_metapercent need each other');
  }
  if ((data ?? 0) + (metadata ?? 0) > 100) {
    throw refuseOption(
      'dm.thinp_percent',
      `expected at most 100 % together with dm.thinp_metapercent, got ${data! + metadata!} %`,
    );
  }
  return {
    device,
    force: last('directlvm_device_force') ?? false,
    thinpPercent: data ?? 0,
    thinpMetaPercent: metadata ?? 0,
    autoExtendThreshold: threshold ?? 0,
    autoExtendPercent: step ?? 0,
  };
}

/** Refuses a size that is not a multiple of the sector size. */
function wholeSectors(subject: string, bytes: Bytes | undefined): Bytes | undefined {
  if (bytes !== undefined && bytes % 512n !== 0n) {
    throw refuseOption(subject, `expected a multiple of 512 bytes, got ${bytes}`);
  }
  return bytes;
}
