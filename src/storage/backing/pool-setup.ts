// The pool of a storage directory: open the active pool, activate an existing one, or create one.

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deviceContent } from '../../block/signatures.ts';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { type Bytes, SECTOR } from '../../dm/text/units.ts';
import { ensureFile } from '../../thin/backing/backing.ts';
import { METADATA_MAX } from '../../thin/backing/growth.ts';
import { isPoolError, type PoolError } from '../../thin/live/errors.ts';
import { METADATA_BLOCK } from '../../thin/metadata/metadata-need.ts';
import { readMetadata } from '../../thin/metadata/superblock.ts';
import type { OpenPoolOptions } from '../../thin/pool/options.ts';
import { ThinPool } from '../../thin/pool/pool.ts';
import { StorageError } from '../config/errors.ts';
import {
  LOOP_DATA_DEFAULT,
  LOOP_METADATA_DEFAULT,
  type StorageOptions,
} from '../config/options.ts';
import { whyNotWritten } from '../directory/durable-file.ts';
import { type Layout, poolName } from '../directory/layout.ts';
import { DIRECT_LVM_POOL, ensureDirectLvm } from './direct-lvm.ts';
import { mendPool } from './mend-pool.ts';
import { hasContent } from './pool-file.ts';

/** The features of Docker's table, so that Docker and this library can use each other's pools. */
const FEATURES = ['skip_block_zeroing'] as const;
const LOW_WATER_MARK = 32768n;

/** An open pool. */
export interface OpenedPool {
  readonly pool: ThinPool;
  /** This call activated it. */
  readonly activated: boolean;
  /** Another program maintains it. */
  readonly external: boolean;
}

/** How the pool is opened. */
export interface PoolRequest extends CallOptions {
  readonly dm: DeviceMapper;
  readonly layout: Layout;
  readonly options: StorageOptions;
  /** There are records of thin devices in it, so it cannot be new. */
  readonly used: boolean;
  /** Gets a sentence about each repair of the pool's device. */
  readonly notice: (text: string) => void;
}

/** Opens the pool. @throws StorageError ERR_STORAGE_POOL, PoolError */
export async function openPool(request: PoolRequest): Promise<OpenedPool> {
  const { dm, layout, options, notice, signal } = request;
  const { directLvm, minFreeSpacePercent } = options;
  if (directLvm !== undefined) await ensureDirectLvm(layout, directLvm, { signal });
  const foreign = directLvm === undefined ? options.thinPoolDevice : DIRECT_LVM_POOL;
  const external = foreign !== undefined;
  const name = foreign ?? poolName(layout);
  const reserve: OpenPoolOptions = {
    reserve: { dataPercent: minFreeSpacePercent, metadataPercent: minFreeSpacePercent },
  };
  try {
    // Do not repair an external pool: its program may be in the middle of a change.
    if (!external) await mendPool(dm, name, notice);
    const pool = await ThinPool.open(dm, name, { ...reserve, owned: !external });
    return { pool, activated: false, external };
  } catch (error) {
    if (!isPoolError(error, 'ERR_POOL_NOT_ACTIVE')) throw error;
    if (external || (await dm.exists(name))) throw notThere(name, external, error);
  }
  const pool = await makeOrActivate(request, name, reserve);
  return { pool, activated: true, external };
}

/** The error for a pool that is not active, or whose name another device has. */
export const notThere = (name: string, external: boolean, cause: PoolError): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${name}'`,
    problem: external ? 'it is not active' : 'a device has this name but is not a thin pool',
    hint: external
      ? 'Activate it first, an LVM pool with "lvchange -ay". If LVM has a device above the pool, name the one that ends in -tpool'
      : `Show its table with "dmts table ${name}"`,
    cause,
  });

/** The paths of the pool's data and metadata; missing loop files are created. */
async function placesOf({ layout, options, used }: PoolRequest) {
  const { dataDevice, metadataDevice } = options;
  const { loopDataSize = LOOP_DATA_DEFAULT, loopMetadataSize = LOOP_METADATA_DEFAULT } = options;
  if (dataDevice !== undefined && metadataDevice !== undefined) {
    for (const path of [dataDevice, metadataDevice])
      if (!(await hasContent(path))) throw absent(path);
    return { data: dataDevice, metadata: metadataDevice };
  }
  try {
    await mkdir(layout.loop, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw whyNotWritten(error, layout.loop);
  }
  const data = join(layout.loop, 'data');
  const metadata = join(layout.loop, 'metadata');
  for (const path of [data, metadata]) if (!(await hasContent(path)) && used) throw missing(path);
  await ensureFile(data, loopDataSize, 'dm.loopdatasize');
  await ensureFile(metadata, loopMetadataSize, 'dm.loopmetadatasize');
  return { data, metadata };
}

/** The error for a missing or empty file. A new one would not contain the layers. */
const missing = (path: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: path,
    problem:
      'cannot open this file of the pool: it is missing or empty, and there are records of layers in it',
    hint: 'Mount the disk that it is on, or restore the file. Nothing was changed',
  });

/** The error for a device of the pool that the options name. */
const absent = (path: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: path,
    problem: 'cannot open this device of the pool: it is missing or empty',
    hint: 'Attach the disk, or correct dm.datadev and dm.metadatadev. Nothing was changed',
  });

async function makeOrActivate(
  request: PoolRequest,
  name: string,
  reserve: OpenPoolOptions,
): Promise<ThinPool> {
  const { dm, options, used, signal } = request;
  const places = await placesOf(request);
  const how = { ...places, ...reserve, features: FEATURES, lowWaterMark: LOW_WATER_MARK, signal };
  const { state } = await readMetadata(places.metadata);
  // `ThinPool.activate` refuses damaged metadata, with the reason.
  if (state !== 'unformatted') return ThinPool.activate(dm, name, how);
  if (used) {
    throw new StorageError({
      code: 'ERR_STORAGE_POOL',
      subject: `thin pool '${name}'`,
      problem: `there are records of layers, but ${places.metadata} is blank`,
      hint: 'It is not the metadata of these layers: restore that. Nothing was changed',
    });
  }
  // The kernel writes the superblock last. A power cut during the first format leaves other blocks of metadata, and no data.
  const overwrite = options.dataDevice === undefined && (await isBlankFile(places.data, signal));
  return ThinPool.create(dm, name, { ...how, blockSize: options.blockSize / SECTOR, overwrite });
}

const isBlankFile = async (path: string, signal: AbortSignal | undefined): Promise<boolean> =>
  (await stat(path)).isFile() && (await deviceContent(path, { signal })) === undefined;

/**
 * Grows the loop files to the sizes in the options. Without an option a file keeps its size. A file never shrinks:
 * `notice` gets a sentence about an option that is smaller. The metadata grows first, because data that the metadata
 * cannot describe makes the pool read-only.
 * @throws PoolError when the pool's state does not allow it to grow
 */
export async function growPool(
  pool: ThinPool,
  {
    dataDevice,
    loopDataSize,
    loopMetadataSize,
  }: Pick<StorageOptions, 'dataDevice' | 'loopDataSize' | 'loopMetadataSize'>,
  notice: (text: string) => void,
): Promise<void> {
  if (dataDevice !== undefined) return;
  if ((loopDataSize ?? loopMetadataSize) === undefined) return;
  const status = await pool.status();
  if (status.state !== 'working') return;
  if (loopMetadataSize !== undefined) {
    const size = loopMetadataSize > METADATA_MAX ? METADATA_MAX : loopMetadataSize;
    const { total } = status.metadata;
    if (size / METADATA_BLOCK > total) await pool.growMetadata(size);
    if (size < total * METADATA_BLOCK) {
      notice(cannotShrink('dm.loopmetadatasize', 'metadata', total * METADATA_BLOCK));
    }
  }
  if (loopDataSize === undefined) return;
  const { params } = await pool.table();
  const blocks = loopDataSize / SECTOR / params.blockSize;
  const { total } = status.data;
  if (blocks > total) await pool.growData(loopDataSize);
  if (blocks < total) {
    notice(cannotShrink('dm.loopdatasize', 'data', total * params.blockSize * SECTOR));
  }
}

const cannotShrink = (option: string, what: string, size: Bytes): string =>
  `cannot shrink the pool's ${what} from ${size} bytes: ${option} is ignored`;
