// The status of a storage, and the items of `docker info` in its order. Source: Status in
// daemon/graphdriver/devmapper/driver.go of moby.

import { statfs } from 'node:fs/promises';
import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { type Bytes, SECTOR, type Sectors } from '../../dm/text/units.ts';
import { deviceNode } from '../../ioctl/device/block.ts';
import { fileOfLoop } from '../../ioctl/loop/loop-files.ts';
import type { PoolTable } from '../../thin/live/handle.ts';
import { METADATA_BLOCK } from '../../thin/metadata/metadata-need.ts';
import { humanSize } from '../config/size-text.ts';
import { BASE } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';
import type { StorageContext } from './context.ts';

/** How full the data or the metadata of a pool is. */
export interface SpaceUsage {
  readonly used: Bytes;
  readonly total: Bytes;
  readonly available: Bytes;
}

/** The state of a storage directory. Sizes in bytes. */
export interface StorageStatus {
  readonly poolName: string;
  readonly blockSize: Bytes;
  readonly baseSize: Bytes;
  readonly filesystem: string;
  readonly udevSync: boolean;
  /** Block devices of the pool; `undefined` for an external pool. */
  readonly dataDevice: string | undefined;
  readonly metadataDevice: string | undefined;
  readonly dataLoopFile: string | undefined;
  readonly metadataLoopFile: string | undefined;
  readonly data: SpaceUsage;
  readonly metadata: SpaceUsage;
  readonly minimumFree: Bytes;
  readonly deferredRemoval: boolean;
  readonly deferredDeletion: boolean;
  /** How many layers have a deferred deletion. */
  readonly deferredDeletedLayers: number;
  /** Version of the kernel's device mapper interface. Docker shows that of libdm. */
  readonly version: string;
  readonly transactionId: bigint;
}

/** Where the numbers of a pool come from. */
export interface PoolUsage {
  readonly name: string;
  readonly table: () => Promise<{
    readonly length: Sectors;
    readonly params: { readonly blockSize: Sectors };
  }>;
  readonly status: () => Promise<ThinPoolStatus>;
  readonly devices: () => Promise<PoolDevices>;
}

/** The devices and files below a pool of this storage. */
export type PoolDevices = Pick<
  StorageStatus,
  'dataDevice' | 'metadataDevice' | 'dataLoopFile' | 'metadataLoopFile'
>;

/** The devices and files below an active pool; all `undefined` for an external one. */
export async function poolDevices(
  { dataDevice, metadataDevice }: Pick<PoolTable['params'], 'dataDevice' | 'metadataDevice'>,
  external: boolean,
): Promise<PoolDevices> {
  const [data, metadata, dataLoopFile, metadataLoopFile] = external
    ? []
    : await Promise.all([
        deviceNode(dataDevice),
        deviceNode(metadataDevice),
        fileOfLoop(dataDevice),
        fileOfLoop(metadataDevice),
      ]);
  return { dataDevice: data, metadataDevice: metadata, dataLoopFile, metadataLoopFile };
}

/** The sources of a storage's status. */
export interface StatusSources extends Pick<StorageContext, 'dm' | 'options'> {
  readonly records: Pick<ReadonlyMap<string, LayerRecord>, 'get'> & {
    readonly entries: () => Iterable<readonly [id: string, record: LayerRecord]>;
  };
  readonly pool: PoolUsage;
  readonly filesystem: string;
}

/** Collects the status. Read-only. */
export async function storageStatus({
  dm,
  pool,
  options,
  records,
  filesystem,
}: StatusSources): Promise<StorageStatus> {
  const { length, params } = await pool.table();
  const status = await pool.status();
  const working = status.state === 'working' ? status : undefined;
  const blockSize = params.blockSize * SECTOR;
  const devices = await pool.devices();
  const total = length * SECTOR;
  const data = space((working?.data.used ?? 0n) * blockSize, working ? total : 0n);
  const metadata = space(
    (working?.metadata.used ?? 0n) * METADATA_BLOCK,
    (working?.metadata.total ?? 0n) * METADATA_BLOCK,
  );
  const deleted = [...records.entries()].filter(([, record]) => record.deleted).length;
  return {
    poolName: pool.name,
    blockSize,
    baseSize: records.get(BASE)?.size ?? 0n,
    filesystem,
    udevSync: true,
    ...devices,
    data: await capped(data, devices.dataLoopFile),
    metadata: await capped(metadata, devices.metadataLoopFile),
    minimumFree: (((total / blockSize) * BigInt(options.minFreeSpacePercent)) / 100n) * blockSize,
    deferredRemoval: options.deferredRemoval,
    deferredDeletion: options.deferredDeletion,
    deferredDeletedLayers: deleted,
    version: (await dm.version()).join('.'),
    transactionId: working?.transactionId ?? 0n,
  };
}

const space = (used: Bytes, total: Bytes): SpaceUsage => ({
  used,
  total,
  available: total - used,
});

/** The available space of a sparse file is at most the free space of its filesystem. */
async function capped(usage: SpaceUsage, file: string | undefined): Promise<SpaceUsage> {
  if (file === undefined) return usage;
  const { bfree, bsize } = await statfs(file, { bigint: true });
  const free = bfree * bsize;
  return free < usage.available ? { ...usage, available: free } : usage;
}

/** The items of `docker info`. */
export function statusItems(
  status: StorageStatus,
): readonly (readonly [key: string, value: string])[] {
  const { data, metadata } = status;
  const items: readonly (readonly [string, string | undefined])[] = [
    ['Pool Name', status.poolName],
    ['Pool Blocksize', humanSize(status.blockSize)],
    ['Base Device Size', humanSize(status.baseSize)],
    ['Backing Filesystem', status.filesystem],
    ['Udev Sync Supported', String(status.udevSync)],
    ['Data file', status.dataDevice],
    ['Metadata file', status.metadataDevice],
    ['Data loop file', status.dataLoopFile],
    ['Metadata loop file', status.metadataLoopFile],
    ['Data Space Used', humanSize(data.used)],
    ['Data Space Total', humanSize(data.total)],
    ['Data Space Available', humanSize(data.available)],
    ['Metadata Space Used', humanSize(metadata.used)],
    ['Metadata Space Total', humanSize(metadata.total)],
    ['Metadata Space Available', humanSize(metadata.available)],
    ['Thin Pool Minimum Free Space', humanSize(status.minimumFree)],
    ['Deferred Removal Enabled', String(status.deferredRemoval)],
    ['Deferred Deletion Enabled', String(status.deferredDeletion)],
    ['Deferred Deleted Device Count', String(status.deferredDeletedLayers)],
    ['Library Version', status.version],
  ];
  return items.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}
