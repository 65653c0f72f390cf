// The pool of a directory of volumes: open the active pool, activate an existing one, or create one.

import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { deviceContent } from '../block/signatures.ts';
import type { DeviceMapper } from '../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../dm/reply/device-info.ts';
import { thinPool } from '../dm/targets/provisioning/thin-pool.ts';
import { type Bytes, bytes, SECTOR } from '../dm/text/units.ts';
import { formatDev } from '../dm/wire/device-number.ts';
import { InputError, isDmError, reportedOf } from '../dm/wire/errors.ts';
import { blockDeviceSize, deviceNode } from '../ioctl/device/block.ts';
import { loopsOf } from '../ioctl/loop/loop-files.ts';
import { mendPool } from '../storage/backing/mend-pool.ts';
import { hasContent } from '../storage/backing/pool-file.ts';
import type { DurableDirectory } from '../storage/directory/durable-file.ts';
import { METADATA_MAX } from '../thin/backing/growth.ts';
import { readMetadata } from '../thin/metadata/superblock.ts';
import type { ActivatePoolOptions } from '../thin/pool/activation.ts';
import { ThinPool } from '../thin/pool/pool.ts';
import { VolumeError } from './config/errors.ts';
import type { EnsureVolumesOptions } from './config/options.ts';
import {
  type PoolRecord,
  readPoolRecord,
  refuseForeign,
  writePoolRecord,
} from './directory/pool-record.ts';

/** Metadata of a new pool: room for many clones. The file is sparse. */
const METADATA_PART = 256n;
const METADATA_MIN: Bytes = 64n << 20n;

/** How the pool is opened. */
export interface PoolRequest {
  readonly dm: DeviceMapper;
  readonly name: string;
  readonly directory: DurableDirectory;
  readonly options: EnsureVolumesOptions;
  /** There are records of thin devices in it, so it cannot be new. */
  readonly used: boolean;
  /** Gets a sentence about each repair of the pool's device. */
  readonly notice: (text: string) => void;
}

/** The paths of the pool's devices or files. */
type Places = Pick<ActivatePoolOptions, 'data' | 'metadata'>;

/** An open pool. */
export interface OpenedPool {
  readonly pool: ThinPool;
  /** This call activated it. */
  readonly activated: boolean;
  /** The data is a file, whose free space goes back to its filesystem if it is discarded. */
  readonly onFile: boolean;
}

/** Opens the pool. @throws VolumeError ERR_VOLUME_POOL; InputError without a size for a new pool; StorageError, PoolError */
export async function openVolumePool(request: PoolRequest): Promise<OpenedPool> {
  const { dm, name, directory, notice } = request;
  const record = await recordFor(request);
  const places = placesOf(directory.path, record);
  const isActive = await findActive(dm, name, record);
  if (isActive) await refuseOther(dm, name, places);
  // A device without a table is removed.
  if (isActive) await mendPool(dm, name, notice);
  const activated = !isActive || !(await dm.exists(name));
  const pool = activated
    ? await makeOrActivate(request, places, record.uuid)
    : await ThinPool.open(dm, name, { owned: true });
  return { pool, activated, onFile: (await stat(places.data)).isFile() };
}

const placesOf = (directory: string, { data, metadata }: PoolRecord): Places => ({
  data: resolve(directory, data),
  metadata: resolve(directory, metadata),
});

/** The record of the pool. It is written for a new pool, and again while the pool does not exist yet. */
async function recordFor(request: PoolRequest): Promise<PoolRecord> {
  const { name, directory, options, used } = request;
  const record = readPoolRecord(directory.path);
  if (record === undefined) refuseForeign(directory.path);
  const places = record && placesOf(directory.path, record);
  if (record === undefined || !(used || (await hasContent(places!.metadata)))) {
    return newRecord(request, record?.uuid);
  }
  const refuse = (problem: string): VolumeError =>
    new VolumeError({
      code: 'ERR_VOLUME_POOL',
      subject: directory.path,
      problem,
      hint: 'Nothing was changed',
    });
  if (record.name !== name) throw refuse(`its pool is named '${record.name}', not '${name}'`);
  for (const what of ['data', 'metadata'] as const) {
    const given = options[what];
    if (given === undefined || resolve(given) === places![what]) continue;
    throw refuse(`the ${what} of its pool is on ${places![what]}, not on ${given}`);
  }
  return record;
}

/**
 * Refuses an active pool with the recorded uuid on other devices: the directory is a copy.
 * @throws VolumeError ERR_VOLUME_POOL
 */
async function refuseOther(dm: DeviceMapper, name: string, places: Places): Promise<void> {
  const { targets } = await dm.table(name, { noFlush: true });
  const [line] = targets;
  // A device without a table has no data.
  if (line === undefined) return;
  const { dataDevice, metadataDevice } = reportedOf(name, () => thinPool.parseParams(line.params));
  for (const [path, device] of [
    [places.data, dataDevice],
    [places.metadata, metadataDevice],
  ] as const) {
    if (await isOn(path, device)) continue;
    throw new VolumeError({
      code: 'ERR_VOLUME_POOL',
      subject: `thin pool '${name}'`,
      problem: `it is active on another device than ${path}`,
      hint: 'The directory is a copy: deactivate the pool of the original first, and use only one of them at a time',
    });
  }
}

/** Whether the device `major:minor` is the block device at `path`, or a loop device of the file there. */
async function isOn(path: string, device: string): Promise<boolean> {
  const found = await stat(path, { bigint: true });
  if (found.isBlockDevice()) return formatDev(found.rdev) === device;
  return (await loopsOf(path)).includes(await deviceNode(device));
}

/** Whether the pool is active. @throws VolumeError ERR_VOLUME_POOL when it has another name, or its name another device */
async function findActive(dm: DeviceMapper, name: string, { uuid }: PoolRecord): Promise<boolean> {
  const refuse = (problem: string, hint: string): VolumeError =>
    new VolumeError({ code: 'ERR_VOLUME_POOL', subject: `thin pool '${name}'`, problem, hint });
  const found = await infoOf(dm, { uuid });
  if (found !== undefined && found.name !== name) {
    throw refuse(
      `the pool of this directory is active as '${found.name}'`,
      `Use that name, or "dmts rename ${found.name} ${name}"`,
    );
  }
  if (found === undefined && (await dm.exists(name))) {
    throw refuse(
      'a device with this name exists, and is not the pool of this directory',
      `Choose another name. "dmts table ${name}" shows that device`,
    );
  }
  return found !== undefined;
}

/** The pool's device, found by its uuid; `undefined` if it is not active. */
export async function infoOf(
  dm: DeviceMapper,
  device: Pick<PoolRecord, 'uuid'>,
): Promise<DeviceInfo | undefined> {
  try {
    return await dm.info({ uuid: device.uuid });
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/** Writes the record of a new pool, before its files exist. */
async function newRecord(
  { name, directory, options, used }: PoolRequest,
  uuid: string = `DMTS-volumes-${randomUUID()}`,
): Promise<PoolRecord> {
  const { data, metadata, size } = options;
  if (used) throw lostFile(join(directory.path, 'pool.json'));
  if (data === undefined && size === undefined) {
    throw new InputError({
      field: 'size',
      expected: `the size of a new pool: ${directory.path} has none`,
      received: size,
    });
  }
  if (data !== undefined) await demandBlockDevice(data, 'data');
  if (metadata !== undefined) await demandBlockDevice(metadata, 'metadata');
  const record = {
    name,
    uuid,
    data: data === undefined ? 'data' : resolve(data),
    metadata: metadata === undefined ? 'metadata' : resolve(metadata),
  };
  await writePoolRecord(directory, record);
  return record;
}

async function demandBlockDevice(path: string, field: string): Promise<void> {
  const found = await stat(path);
  if (found.isBlockDevice()) return;
  throw new InputError({ field, expected: 'a block device', received: path });
}

async function makeOrActivate(
  { dm, name, options, used }: PoolRequest,
  places: Places,
  uuid: string,
): Promise<ThinPool> {
  const { signal, blockSize } = options;
  const how = { ...places, uuid, signal };
  const [data, metadata] = [await hasContent(places.data), await hasContent(places.metadata)];
  const isFormatted = metadata && (await readMetadata(places.metadata)).state !== 'unformatted';
  // `ThinPool.activate` refuses damaged metadata, with the reason.
  if (data && isFormatted) return ThinPool.activate(dm, name, how);
  if (used || isFormatted) throw lostFile(data ? places.metadata : places.data);
  const dataSize = await dataSizeOf(places.data, options);
  // A power cut during the first format leaves blocks of metadata behind the superblock, and no data.
  const overwrite = data && (await isBlankFile(places.data, signal));
  return ThinPool.create(dm, name, {
    ...how,
    dataSize,
    metadataSize: options.metadataSize ?? metadataSizeFor(dataSize),
    blockSize,
    overwrite,
  });
}

/** The size of the data of a new pool: that of its block device, or of its new file. */
async function dataSizeOf(path: string, { size }: EnsureVolumesOptions): Promise<Bytes> {
  const isDevice = (await hasContent(path)) && (await stat(path)).isBlockDevice();
  return isDevice ? blockDeviceSize(path) : bytes(size ?? 0n, 'size');
}

function metadataSizeFor(dataSize: Bytes): Bytes {
  const part = (dataSize / METADATA_PART / SECTOR) * SECTOR;
  if (part < METADATA_MIN) return METADATA_MIN;
  return part > METADATA_MAX ? METADATA_MAX : part;
}

const isBlankFile = async (path: string, signal: AbortSignal | undefined): Promise<boolean> =>
  (await stat(path)).isFile() && (await deviceContent(path, { signal })) === undefined;

const lostFile = (path: string): VolumeError =>
  new VolumeError({
    code: 'ERR_VOLUME_POOL',
    subject: path,
    problem: 'it is missing or blank, but there are volumes in its pool',
    hint: 'Mount the disk that it is on, or restore the file. Nothing was changed',
  });

/** Grows the data file of a pool to the size in the options. A block device keeps its size. */
export async function growVolumePool(
  { pool, onFile }: OpenedPool,
  { size }: EnsureVolumesOptions,
): Promise<void> {
  if (size === undefined || !onFile) return;
  const wanted = bytes(size, 'size');
  const status = await pool.status();
  if (status.state !== 'working') return;
  const { params } = await pool.table();
  const blocks = wanted / SECTOR / params.blockSize;
  if (blocks > status.data.total) await pool.growData(wanted);
}
