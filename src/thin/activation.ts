// Bringing a pool up: a new one on blank devices, or one that is there, exactly as its metadata records it. What is
// wrong is found before anything is written.

import type { DeviceMapper } from '../dm/device-mapper.ts';
import { InputError } from '../dm/errors.ts';
import type { CallOptions } from '../dm/options.ts';
import { type ThinPoolFeature, thinPool } from '../dm/targets/thin-pool.ts';
import {
  type BlocksInput,
  type Bytes,
  type BytesInput,
  bytes,
  type Sectors,
  type SectorsInput,
  sectors,
} from '../dm/units.ts';
import { attempt } from '../ioctl/attempt.ts';
import { type Backing, ensureFile, openBacking, openReadOnlyBacking } from './backing.ts';
import { PoolError } from './errors.ts';
import type { PoolHandle } from './handle.ts';
import { METADATA_BLOCK, refuseTooSmall } from './metadata-need.ts';
import { refuseLvm, refuseUsed, wipeHead } from './ownership.ts';
import { type MetadataContent, readMetadata, type Superblock } from './superblock.ts';

const SECTOR = 512n;
const BLOCK_SIZE_DEFAULT = 128n;
/** The kernel refuses to make a pool on less. */
const METADATA_MIN = 64n * 1024n;

/** Where a pool is, and how it is to behave. */
export interface PoolOptions extends CallOptions {
  /** The metadata: a block device, or a file, which gets a loop device. */
  readonly metadata: string;
  /** The data: a block device, or a file, which gets a loop device. */
  readonly data: string;
  /** Free data blocks at which the kernel sends an event. @default a fifth of them */
  readonly lowWaterMark?: BlocksInput<'data'> | undefined;
  /** @default [] */
  readonly features?: readonly ThinPoolFeature[];
  /** uuid of the pool's device. */
  readonly uuid?: string | undefined;
}

/** How to make a pool. */
export interface CreatePoolOptions extends PoolOptions {
  /** Bytes of the metadata file, if that is to be made. */
  readonly metadataSize?: BytesInput | undefined;
  /** Bytes of the data file, if that is to be made; it is sparse. */
  readonly dataSize?: BytesInput | undefined;
  /** Sectors of a data block: 128 (64 KiB) to 2097152 (1 GiB), a multiple of 128. @default 128 */
  readonly blockSize?: SectorsInput | undefined;
  /** Use devices that hold data. **It is lost.** @default false */
  readonly overwrite?: boolean;
}

/** How to activate a pool. */
export interface ActivatePoolOptions extends PoolOptions {
  /**
   * What you know of this pool: its metadata must agree. With the transaction id that you recorded last, an older copy
   * of the metadata is told from the right one, and a pool that somebody else has changed.
   */
  readonly expect?: {
    readonly transactionId?: bigint | number;
    readonly blockSize?: SectorsInput;
    readonly dataBlocks?: BlocksInput<'data'>;
  };
  /**
   * Activate it with the feature `read_only`, on read-only loop devices: no byte of metadata or data changes, whatever state
   * the pool is in. Its devices may be larger than its metadata records. @default false
   */
  readonly readOnly?: boolean;
}

const metadataError = (pool: string, problem: string, hint?: string): PoolError =>
  new PoolError({ code: 'ERR_POOL_METADATA', pool, problem, hint });

/** Make a new pool. @throws what `ThinPool.create` throws */
export async function createPool(
  dm: DeviceMapper,
  name: string,
  options: CreatePoolOptions,
): Promise<PoolHandle> {
  const { metadata, data, metadataSize, dataSize, overwrite = false } = options;
  const blockSize = sectors(options.blockSize ?? BLOCK_SIZE_DEFAULT, 'blockSize');
  refuseSame(metadata, data);
  // What is wrong with the block size is found before a file is made.
  const { features = [] } = options;
  thinPool.formatParams({ metadataDevice: '/x', dataDevice: '/y', blockSize, features });
  await ensureFile(
    metadata,
    metadataSize === undefined ? undefined : bytes(metadataSize),
    'metadataSize',
  );
  await ensureFile(data, dataSize === undefined ? undefined : bytes(dataSize), 'dataSize');
  await using dataBacking = await openBacking(data, 'data');
  await using metadataBacking = await openBacking(metadata, 'metadata');
  await refuseLvm(dm, name, [metadataBacking.device, dataBacking.device]);
  if (metadataBacking.size < METADATA_MIN) {
    throw new PoolError({
      code: 'ERR_POOL_SIZE',
      pool: name,
      problem: `its metadata would have ${metadataBacking.size} bytes, at least ${METADATA_MIN} are needed`,
    });
  }
  if (!overwrite) {
    await refuseUsed(name, metadata, metadataBacking.device);
    await refuseUsed(name, data, dataBacking.device);
  }
  const length = (dataBacking.size / SECTOR / blockSize) * blockSize;
  if (length === 0n) {
    throw new PoolError({
      code: 'ERR_POOL_SIZE',
      pool: name,
      problem: `its data device has ${dataBacking.size} bytes, less than one block of ${blockSize * SECTOR}`,
    });
  }
  refuseTooSmall(name, metadataBacking.size, length / blockSize);
  await wipeHead(metadataBacking.device);
  // Awaited here: until the pool has them open, nobody else keeps its loop devices.
  return await load(dm, name, { metadataBacking, dataBacking }, length, blockSize, options);
}

/** Activate a pool that is there. @throws what `ThinPool.activate` throws */
export async function activatePool(
  dm: DeviceMapper,
  name: string,
  options: ActivatePoolOptions,
): Promise<PoolHandle> {
  const { metadata, data, expect = {}, readOnly = false, features = [] } = options;
  refuseSame(metadata, data);
  // What is wrong with them is found before a file is attached.
  thinPool.formatParams({ metadataDevice: '/x', dataDevice: '/y', features });
  if (readOnly) {
    return activateReadOnly(dm, name, { ...options, features: [...features, 'read_only'] });
  }
  await using dataBacking = await openBacking(data, 'data');
  await using metadataBacking = await openBacking(metadata, 'metadata');
  await refuseLvm(dm, name, [metadataBacking.device, dataBacking.device]);
  const content = await readMetadata(metadataBacking.device);
  if (content.state !== 'pool') {
    const swapped = await attempt(() => swappedHint(dataBacking.device));
    throw metadataError(name, whyNoPool(metadata, content), swapped);
  }
  const { superblock } = content;
  checkExpectations(name, metadata, superblock, expect);
  const length = dataLength(name, options, superblock, dataBacking.size);
  // Awaited here: until the pool has them open, nobody else keeps its loop devices.
  return await load(
    dm,
    name,
    { metadataBacking, dataBacking },
    length,
    superblock.blockSize,
    options,
  );
}

/** The loop devices are as large as the metadata records: the kernel grows a pool whose devices have more, which is a write. */
async function activateReadOnly(
  dm: DeviceMapper,
  name: string,
  options: ActivatePoolOptions,
): Promise<PoolHandle> {
  const { metadata, data, expect = {} } = options;
  const content = await readMetadata(metadata);
  if (content.state !== 'pool') {
    throw metadataError(name, whyNoPool(metadata, content), await attempt(() => swappedHint(data)));
  }
  const { superblock } = content;
  checkExpectations(name, metadata, superblock, expect);
  const { metadataBlocks, dataBlocks, blockSize } = superblock;
  await using dataBacking = await openReadOnlyBacking(
    data,
    'data',
    dataBlocks * blockSize * SECTOR,
  );
  await using metadataBacking = await openReadOnlyBacking(
    metadata,
    'metadata',
    metadataBlocks * METADATA_BLOCK,
  );
  const length = dataLength(name, options, superblock, dataBacking.size);
  return await load(dm, name, { metadataBacking, dataBacking }, length, blockSize, options);
}

/** Sectors of data that the metadata describes. @throws PoolError ERR_POOL_METADATA when the device has fewer */
function dataLength(
  name: string,
  { metadata, data }: Pick<PoolOptions, 'metadata' | 'data'>,
  { dataBlocks, blockSize }: Superblock,
  size: Bytes,
): Sectors {
  const length = dataBlocks * blockSize;
  if (length * SECTOR <= size) return length;
  throw metadataError(
    name,
    `the metadata on ${metadata} describes ${length * SECTOR} bytes of data, and ${data} has ${size}`,
    'It is the metadata of another pool, or the data device has shrunk',
  );
}

function refuseSame(metadata: string, data: string): void {
  if (metadata !== data) return;
  throw new InputError({ field: 'data', expected: 'another device than metadata', received: data });
}

/** Why what lies at `path` cannot be activated. */
export function whyNoPool(
  path: string,
  content: Exclude<MetadataContent, { state: 'pool' }>,
): string {
  switch (content.state) {
    case 'unformatted':
      return `${path} holds no pool: its first 4 KiB are zero`;
    case 'corrupt':
      return `the superblock on ${path} is damaged: ${content.why}`;
    case 'foreign':
      return `${path} holds no pool but ${content.what ?? 'something unknown'}`;
  }
}

async function swappedHint(device: string): Promise<string | undefined> {
  const { state } = await readMetadata(device);
  return state === 'pool'
    ? 'The data device begins with the metadata of a pool: are the two swapped?'
    : undefined;
}

function checkExpectations(
  pool: string,
  path: string,
  superblock: Superblock,
  expect: NonNullable<ActivatePoolOptions['expect']>,
): void {
  const names = {
    transactionId: 'transaction id',
    blockSize: 'block size',
    dataBlocks: 'size in data blocks',
  };
  for (const [key, words] of Object.entries(names) as [keyof typeof names, string][]) {
    if (expect[key] === undefined || BigInt(expect[key]) === superblock[key]) continue;
    throw metadataError(
      pool,
      `the ${words} on ${path} is ${superblock[key]}, and ${expect[key]} was expected`,
      'It is another pool, an older copy, or somebody else has changed it',
    );
  }
}

/** Create the pool's device. The backing is let go of afterwards by the caller: the pool has it open then. */
async function load(
  dm: DeviceMapper,
  name: string,
  { metadataBacking, dataBacking }: Readonly<Record<'metadataBacking' | 'dataBacking', Backing>>,
  length: Sectors,
  blockSize: Sectors,
  { features = [], lowWaterMark = length / blockSize / 5n, uuid, signal }: PoolOptions,
): Promise<PoolHandle> {
  const target = thinPool({
    length,
    metadataDevice: metadataBacking.device,
    dataDevice: dataBacking.device,
    blockSize,
    lowWaterMark,
    features,
  });
  const { dev, path } = await dm.create(name, { table: [target], uuid, signal });
  return { dm, name, dev, path };
}
