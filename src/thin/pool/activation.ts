// Creates a pool on blank devices, or activates an existing one exactly as its metadata records it. All checks come
// before the first write.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { type ThinPoolFeature, thinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import {
  type BlocksInput,
  type BytesInput,
  bytes,
  SECTOR,
  type Sectors,
  type SectorsInput,
  sectors,
} from '../../dm/text/units.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { type Backing, ensureFile, openBacking, openReadOnlyBacking } from '../backing/backing.ts';
import { refuseLvm, refuseUsed, wipeHead } from '../backing/ownership.ts';
import { PoolError } from '../live/errors.ts';
import type { PoolHandle } from '../live/handle.ts';
import { METADATA_BLOCK } from '../metadata/metadata-need.ts';
import { type MetadataContent, readMetadata, type Superblock } from '../metadata/superblock.ts';
import { metadataError, recordedLength, refuseCutOff, wholeLength } from './sizes.ts';

const BLOCK_SIZE_DEFAULT = 128n;
/** The kernel's minimum for metadata, in bytes. */
const METADATA_MIN = 64n * 1024n;

/** The devices and the behaviour of a pool. */
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

/** How to create a pool. */
export interface CreatePoolOptions extends PoolOptions {
  /** Size in bytes of a new metadata file. */
  readonly metadataSize?: BytesInput | undefined;
  /** Size in bytes of a new data file. The file is sparse. */
  readonly dataSize?: BytesInput | undefined;
  /** Sectors of a data block: 128 (64 KiB) to 2097152 (1 GiB), a multiple of 128. @default 128 */
  readonly blockSize?: SectorsInput | undefined;
  /** Use devices that hold data. **The data is lost.** @default false */
  readonly overwrite?: boolean;
}

/** How to activate a pool. */
export interface ActivatePoolOptions extends PoolOptions {
  /**
   * Values that the metadata must have. The transaction id that the caller recorded last detects an older copy of the
   * metadata, and a pool that another program changed.
   */
  readonly expect?: {
    readonly transactionId?: bigint | number;
    readonly blockSize?: SectorsInput;
    readonly dataBlocks?: BlocksInput<'data'>;
  };
  /**
   * Activate the pool with the feature `read_only`, on read-only loop devices: metadata and data do not change,
   * whatever the state of the pool. Its devices may be larger than its metadata records. @default false
   */
  readonly readOnly?: boolean;
}

/** Creates a pool. @throws as `ThinPool.create` does */
export async function createPool(
  dm: DeviceMapper,
  name: string,
  options: CreatePoolOptions,
): Promise<PoolHandle> {
  const { metadata, data, metadataSize, dataSize, overwrite = false } = options;
  const blockSize = sectors(options.blockSize ?? BLOCK_SIZE_DEFAULT, 'blockSize');
  refuseSame(metadata, data);
  // Check the block size and the features before creating a file.
  const { features = [] } = options;
  thinPool.formatParams({ metadataDevice: '/x', dataDevice: '/y', blockSize, features });
  await ensureFile(
    metadata,
    metadataSize === undefined ? undefined : bytes(metadataSize),
    'metadataSize',
  );
  await ensureFile(data, dataSize === undefined ? undefined : bytes(dataSize), 'dataSize');
  await using dataBacking = await openBacking(data, 'data', options);
  await using metadataBacking = await openBacking(metadata, 'metadata', options);
  await refuseLvm(dm, name, [metadataBacking.device, dataBacking.device]);
  if (metadataBacking.size < METADATA_MIN) {
    throw new PoolError({
      code: 'ERR_POOL_SIZE',
      pool: name,
      problem: `its metadata device is too small: expected at least ${METADATA_MIN} bytes, got ${metadataBacking.size}`,
    });
  }
  if (!overwrite) {
    await refuseUsed(name, metadata, { signal: options.signal });
    await refuseUsed(name, data, { signal: options.signal });
  }
  const length = wholeLength(name, blockSize, dataBacking.size, metadataBacking.size);
  await wipeHead(metadataBacking.device);
  // Await before the disposal: the loop devices must stay attached until the pool has them open.
  return await load(dm, name, { metadataBacking, dataBacking }, length, blockSize, options);
}

/** Activates an existing pool. @throws as `ThinPool.activate` does */
export async function activatePool(
  dm: DeviceMapper,
  name: string,
  options: ActivatePoolOptions,
): Promise<PoolHandle> {
  const { metadata, data, expect = {}, readOnly = false, features = [] } = options;
  refuseSame(metadata, data);
  // Check the features before attaching a file.
  thinPool.formatParams({ metadataDevice: '/x', dataDevice: '/y', features });
  if (readOnly) {
    return activateReadOnly(dm, name, { ...options, features: [...features, 'read_only'] });
  }
  await using dataBacking = await openBacking(data, 'data', options);
  await using metadataBacking = await openBacking(metadata, 'metadata', options);
  await refuseLvm(dm, name, [metadataBacking.device, dataBacking.device]);
  const content = await readMetadata(metadataBacking.device);
  if (content.state !== 'pool') {
    const swapped = await attempt(() => swappedHint(dataBacking.device));
    throw metadataError(name, whyNoPool(metadata, content), swapped);
  }
  const { superblock } = content;
  checkExpectations(name, metadata, superblock, expect);
  refuseCutOff(name, metadata, superblock, metadataBacking.size);
  const { dataBlocks, blockSize } = superblock;
  // The kernel formats the metadata when it loads the first table, and records the size of the data at the first resume.
  const isHalfMade = dataBlocks === 0n;
  const length = isHalfMade
    ? wholeLength(name, blockSize, dataBacking.size, metadataBacking.size)
    : recordedLength(name, options, superblock, dataBacking.size);
  // Await before the disposal: the loop devices must stay attached until the pool has them open.
  return await load(dm, name, { metadataBacking, dataBacking }, length, blockSize, options);
}

/**
 * The loop devices have the sizes that the metadata records. With larger devices the kernel would grow the pool, which
 * writes.
 */
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
  if (dataBlocks === 0n) {
    throw metadataError(
      name,
      `the metadata on ${metadata} is that of a pool whose creation is not complete: it describes no data`,
      'The pool has no thin device. Activate it for changes to complete it',
    );
  }
  await using dataBacking = await openReadOnlyBacking(
    data,
    'data',
    dataBlocks * blockSize * SECTOR,
    options,
  );
  await using metadataBacking = await openReadOnlyBacking(
    metadata,
    'metadata',
    metadataBlocks * METADATA_BLOCK,
    options,
  );
  refuseCutOff(name, metadata, superblock, metadataBacking.size);
  const length = recordedLength(name, options, superblock, dataBacking.size);
  return await load(dm, name, { metadataBacking, dataBacking }, length, blockSize, options);
}

function refuseSame(metadata: string, data: string): void {
  if (metadata !== data) return;
  throw new InputError({
    field: 'data',
    expected: 'a device other than that of the metadata',
    received: data,
  });
}

/** Why the content of `path` cannot be activated. */
export function whyNoPool(
  path: string,
  content: Exclude<MetadataContent, { state: 'pool' }>,
): string {
  switch (content.state) {
    case 'unformatted':
      return `${path} does not hold a pool: its first 4 KiB are zero`;
    case 'corrupt':
      return `the superblock on ${path} is damaged: ${content.why}`;
    case 'foreign':
      return `${path} does not hold a pool: it holds ${content.what ?? 'data of an unknown kind'}`;
  }
}

async function swappedHint(device: string): Promise<string | undefined> {
  const { state } = await readMetadata(device);
  return state === 'pool'
    ? 'The data device begins with the metadata of a pool. Check that data and metadata are not exchanged'
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
      `unexpected ${words} on ${path}: expected ${expect[key]}, got ${superblock[key]}`,
      'It is another pool, an older copy, or another program changed it',
    );
  }
}

/** Creates the pool's device. The caller closes the backing afterwards; by then the pool has it open. */
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
