// The pool of a storage directory: found, activated as its metadata records it, or made.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import type { CallOptions } from '../dm/options.ts';
import { ensureFile } from '../thin/backing.ts';
import { isPoolError, type PoolError } from '../thin/errors.ts';
import { type OpenPoolOptions, ThinPool } from '../thin/pool.ts';
import { readMetadata } from '../thin/superblock.ts';
import { StorageError } from './errors.ts';
import { type Layout, poolName } from './layout.ts';
import type { StorageOptions } from './options.ts';

const SECTOR = 512n;
const METADATA_BLOCK = 4096n;
/** Docker's table, so that either can go on with the other's pool. */
const FEATURES = ['skip_block_zeroing'] as const;
const LOW_WATER_MARK = 32768n;

/** A pool, and how it came. */
export interface OpenedPool {
  readonly pool: ThinPool;
  /** It was not live before. */
  readonly activated: boolean;
  /** Somebody else looks after it. */
  readonly external: boolean;
}

/** What the pool is opened for. */
export interface PoolRequest extends CallOptions {
  readonly dm: DeviceMapper;
  readonly layout: Layout;
  readonly options: StorageOptions;
  /** There are records of devices in it: it cannot be new. */
  readonly used: boolean;
}

/** Open the pool. @throws StorageError ERR_STORAGE_POOL, PoolError */
export async function openPool(request: PoolRequest): Promise<OpenedPool> {
  const { dm, layout, options } = request;
  const { thinPoolDevice, minFreeSpacePercent } = options;
  const external = thinPoolDevice !== undefined;
  const name = thinPoolDevice ?? poolName(layout);
  const reserve: OpenPoolOptions = {
    reserve: { dataPercent: minFreeSpacePercent, metadataPercent: minFreeSpacePercent },
  };
  try {
    const info = await dm.info(name).catch(() => undefined);
    if (info?.inactive) await dm.clear(name);
    if (info !== undefined && !info.live) await dm.remove(name);
    const pool = await ThinPool.open(dm, name, reserve);
    if (!external) await growPool(pool, options);
    return { pool, activated: false, external };
  } catch (error) {
    if (!isPoolError(error, 'ERR_POOL_NOT_ACTIVE')) throw error;
    if (external || (await dm.exists(name))) throw notThere(name, external, error);
  }
  const pool = await makeOrActivate(request, name, reserve);
  await growPool(pool, options);
  return { pool, activated: true, external };
}

const notThere = (name: string, external: boolean, cause: PoolError): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${name}'`,
    problem: external
      ? 'it is not active'
      : 'a device of that name is there, and it is no thin pool',
    hint: external
      ? 'Activate it first: a pool of LVM with "lvchange -ay"; where LVM has a device over it, name the one that ends in -tpool'
      : `Look at it with "dmts table ${name}"`,
    cause,
  });

/** Where the pool's metadata and data are. */
async function placesOf({ layout, options }: PoolRequest) {
  const { dataDevice, metadataDevice, loopDataSize, loopMetadataSize } = options;
  if (dataDevice !== undefined && metadataDevice !== undefined) {
    return { data: dataDevice, metadata: metadataDevice };
  }
  await mkdir(layout.loop, { recursive: true, mode: 0o700 });
  const data = join(layout.loop, 'data');
  const metadata = join(layout.loop, 'metadata');
  await ensureFile(data, loopDataSize, 'dm.loopdatasize');
  await ensureFile(metadata, loopMetadataSize, 'dm.loopmetadatasize');
  return { data, metadata };
}

async function makeOrActivate(
  request: PoolRequest,
  name: string,
  reserve: OpenPoolOptions,
): Promise<ThinPool> {
  const { dm, options, used, signal } = request;
  const places = await placesOf(request);
  const how = { ...places, ...reserve, features: FEATURES, lowWaterMark: LOW_WATER_MARK, signal };
  const { state } = await readMetadata(places.metadata);
  // What is damaged is refused there, with what is wrong.
  if (state !== 'unformatted') return ThinPool.activate(dm, name, how);
  if (used) {
    throw new StorageError({
      code: 'ERR_STORAGE_POOL',
      subject: `thin pool '${name}'`,
      problem: `there are records of layers, but ${places.metadata} is blank`,
      hint: 'It is not the metadata that these layers are in: put that back. Nothing was changed',
    });
  }
  return ThinPool.create(dm, name, { ...how, blockSize: options.blockSize / SECTOR });
}

/** Loop files that are configured larger than they are grow; none ever shrinks. */
async function growPool(
  pool: ThinPool,
  { dataDevice, loopDataSize, loopMetadataSize }: StorageOptions,
): Promise<void> {
  if (dataDevice !== undefined) return;
  const status = await pool.status();
  if (status.state !== 'working') return;
  const { length, params } = await pool.table();
  if (loopDataSize / SECTOR >= length + params.blockSize) await pool.growData(loopDataSize);
  if (loopMetadataSize / METADATA_BLOCK > status.metadata.total) {
    await pool.growMetadata(loopMetadataSize);
  }
}
