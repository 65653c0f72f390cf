// Finds the pool of a storage directory without a change: an active pool, or the metadata of an inactive one.

import { join } from 'node:path';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import { poolStatus, poolTable } from '../../thin/live/handle.ts';
import { readMetadata, type Superblock } from '../../thin/metadata/superblock.ts';
import { whyNoPool } from '../../thin/pool/activation.ts';
import { DIRECT_LVM_POOL, readSetup } from '../backing/direct-lvm.ts';
import { hasContent } from '../backing/pool-file.ts';
import { notThere } from '../backing/pool-setup.ts';
import { StorageError } from '../config/errors.ts';
import type { StorageOptions } from '../config/options.ts';
import { type Layout, poolName } from '../directory/layout.ts';
import { type PoolDevices, type PoolUsage, poolDevices } from '../layers/status.ts';

/** The input of a view of a pool. */
export interface ViewPoolRequest {
  readonly dm: DeviceMapper;
  readonly layout: Layout;
  readonly options: StorageOptions;
}

/** The paths of the metadata and the data of an inactive pool. */
export interface PoolPlaces {
  readonly metadata: string;
  readonly data: string;
  /** They are loop files of the storage directory. */
  readonly files: boolean;
}

/** A pool that was found. */
export interface FoundPool {
  readonly name: string;
  /** Another program maintains it. */
  readonly external: boolean;
  /** `undefined` for an active pool. */
  readonly places: PoolPlaces | undefined;
}

/**
 * Finds the pool of a storage directory.
 * @throws StorageError ERR_STORAGE_POOL for an external pool that is not active, and for files that are missing
 */
export async function findPool({ dm, layout, options }: ViewPoolRequest): Promise<FoundPool> {
  const foreign = await foreignPool(layout, options);
  const external = foreign !== undefined;
  const name = foreign ?? poolName(layout);
  try {
    await poolTable({ dm, name });
    return { name, external, places: undefined };
  } catch (error) {
    if (!isPoolError(error, 'ERR_POOL_NOT_ACTIVE')) throw error;
    if (external) throw notThere(name, external, error);
  }
  return { name, external, places: await placesOf(layout, options) };
}

/**
 * The name of an external pool; `undefined` for a pool of the storage. A record names the LVM pool of this directory.
 */
async function foreignPool(
  layout: Layout,
  { thinPoolDevice, directLvm, dataDevice }: StorageOptions,
): Promise<string | undefined> {
  if (thinPoolDevice !== undefined) return thinPoolDevice;
  if (directLvm !== undefined) return DIRECT_LVM_POOL;
  if (dataDevice !== undefined) return undefined;
  return (await readSetup(layout)) && DIRECT_LVM_POOL;
}

async function placesOf(
  { loop }: Layout,
  { dataDevice, metadataDevice }: StorageOptions,
): Promise<PoolPlaces> {
  const places =
    dataDevice !== undefined && metadataDevice !== undefined
      ? { data: dataDevice, metadata: metadataDevice, files: false }
      : { data: join(loop, 'data'), metadata: join(loop, 'metadata'), files: true };
  for (const path of [places.data, places.metadata]) {
    if (!(await hasContent(path))) throw missing(path);
  }
  return places;
}

const missing = (path: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: path,
    problem: 'cannot find the pool: it is not active, and this file of it is missing or empty',
    hint: 'Name an external pool with dm.thinpooldev, its devices with dm.datadev and dm.metadatadev, or mount the disk that the file is on',
  });

/** The numbers of a pool: of an active one from the kernel, of an inactive one from its last commit. */
export function usageOf(dm: DeviceMapper, found: FoundPool): PoolUsage {
  const { name, places, external } = found;
  if (places === undefined) {
    const handle = { dm, name };
    return {
      name,
      table: () => poolTable(handle),
      status: () => poolStatus(handle),
      devices: async () => poolDevices((await poolTable(handle)).params, external),
    };
  }
  const superblock = recordedBy(name, places);
  return {
    name,
    table: async () => {
      const { dataBlocks, blockSize } = await superblock;
      return { length: dataBlocks * blockSize, params: { blockSize } };
    },
    status: async () => statusOf(await superblock),
    devices: async () => devicesOf(places),
  };
}

const devicesOf = ({ data, metadata, files }: PoolPlaces): PoolDevices => ({
  dataDevice: files ? undefined : data,
  metadataDevice: files ? undefined : metadata,
  dataLoopFile: files ? data : undefined,
  metadataLoopFile: files ? metadata : undefined,
});

async function recordedBy(name: string, { metadata }: PoolPlaces): Promise<Superblock> {
  const content = await readMetadata(metadata);
  if (content.state === 'pool') return content.superblock;
  throw new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${name}'`,
    problem: whyNoPool(metadata, content),
  });
}

/** The status that the kernel would report. */
export function statusOf(superblock: Superblock): ThinPoolStatus {
  const { transactionId, needsCheck, heldRoot } = superblock;
  return {
    state: 'working',
    transactionId,
    metadata: { used: superblock.metadataBlocksUsed, total: superblock.metadataBlocks },
    data: { used: superblock.dataBlocksUsed, total: superblock.dataBlocks },
    heldRoot,
    mode: needsCheck ? 'ro' : 'rw',
    discard: 'discard_passdown',
    noSpace: 'queue_if_no_space',
    needsCheck,
    metadataLowWaterMark: undefined,
    extra: [],
  };
}
