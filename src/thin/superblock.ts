// The superblock of thin-pool metadata: block 0 of the metadata device.
// Source: drivers/md/dm-thin-metadata.c and persistent-data/dm-space-map-common.h of the kernel.

import { InputError } from '../dm/errors.ts';
import type { Blocks, Sectors } from '../dm/units.ts';
import { checkFields, isPath, SIGNAL } from '../ioctl/checks.ts';
import { le32, le64, record } from '../ioctl/record.ts';
import { crc32c } from './crc32c.ts';
import { isBlank, readHead, signatureOf } from './signatures.ts';

/** Bytes of a metadata block. */
const BLOCK_SIZE = 4096;
const MAGIC = 27022010n;
const CHECKSUM_XOR = 160774;
const VERSIONS: readonly number[] = [1, 2];
const NEEDS_CHECK = 1;
/** A metadata block in sectors, as the superblock states it. */
const METADATA_BLOCK_SECTORS = 8;
/** Sectors of a data block: a multiple of the least. */
const DATA_BLOCK_MIN = 128;
const DATA_BLOCK_MAX = 2_097_152;

/** `struct thin_disk_superblock`; the two space map roots are a `struct disk_sm_root` each. */
const layout = record('thin_disk_superblock', 364, {
  checksum: le32(0),
  flags: le32(4),
  blockNumber: le64(8),
  magic: le64(32),
  version: le32(40),
  time: le32(44),
  transactionId: le64(48),
  heldRoot: le64(56),
  dataBlocks: le64(64),
  dataBlocksUsed: le64(72),
  metadataBlocks: le64(192),
  metadataBlocksUsed: le64(200),
  dataBlockSize: le32(336),
  metadataBlockSize: le32(340),
  incompatible: le32(360),
});

/** What the superblock of a pool says, as of the pool's last commit. */
export interface Superblock {
  /** The number that the pool's owner sets, to tell its own records' age from. */
  readonly transactionId: bigint;
  /** Of a data block. */
  readonly blockSize: Sectors;
  readonly dataBlocks: Blocks<'data'>;
  readonly dataBlocksUsed: Blocks<'data'>;
  /** Blocks of 4 KiB that the metadata knows of; a device that has grown since may have more. */
  readonly metadataBlocks: Blocks<'metadata'>;
  readonly metadataBlocksUsed: Blocks<'metadata'>;
  /** The kernel refuses to write to the pool before thin_check has passed over it. */
  readonly needsCheck: boolean;
  /** The metadata block where a reserved metadata snapshot begins. */
  readonly heldRoot: bigint | undefined;
  readonly version: number;
  /** Counts the pool's snapshots: what is older than the last one is shared. */
  readonly time: number;
}

/** What lies where a pool's metadata shall be. */
export type MetadataContent =
  /** The first 4 KiB are zero: the kernel makes a new pool of it. */
  | { readonly state: 'unformatted' }
  | { readonly state: 'pool'; readonly superblock: Superblock }
  /** It was a pool's, but the kernel will not have it. */
  | { readonly state: 'corrupt'; readonly why: string }
  /** Something else, by its name where we know it: `'ext4 filesystem'`. */
  | { readonly state: 'foreign'; readonly what: string | undefined };

type Layout = ReturnType<typeof layout.decode>;

// What is wrong, in the order in which it is worth knowing.
const FAULTS: readonly ((on: Layout, block: Buffer) => string | false)[] = [
  ({ checksum }, block) => {
    const computed = (crc32c(block.subarray(4)) ^ CHECKSUM_XOR) >>> 0;
    return checksum !== computed && `checksum ${hex(checksum)}, expected ${hex(computed)}`;
  },
  ({ blockNumber }) => blockNumber !== 0n && `block number ${blockNumber}, expected 0`,
  ({ version }) => !VERSIONS.includes(version) && `version ${version}, expected 1 or 2`,
  ({ incompatible }) => incompatible !== 0 && `incompatible features ${hex(incompatible)}`,
  ({ dataBlockSize: size }) =>
    (size < DATA_BLOCK_MIN || size > DATA_BLOCK_MAX || size % DATA_BLOCK_MIN !== 0) &&
    `data blocks of ${size} sectors, expected a multiple of ${DATA_BLOCK_MIN} up to ${DATA_BLOCK_MAX}`,
  ({ metadataBlockSize: size }) =>
    size !== METADATA_BLOCK_SECTORS &&
    `metadata blocks of ${size} sectors, expected ${METADATA_BLOCK_SECTORS}`,
];

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/**
 * What the first bytes of a metadata device are. A blank first block with a filesystem behind it, as btrfs leaves its
 * first 64 KiB blank, is that filesystem: the more of the device is given, the more is seen.
 * @throws RangeError for less than 4096 bytes
 */
export function inspectMetadata(head: Buffer): MetadataContent {
  if (!Buffer.isBuffer(head)) {
    throw new InputError({ field: 'head', expected: 'a Buffer', received: head });
  }
  if (head.length < BLOCK_SIZE) {
    throw new RangeError(`head: expected at least ${BLOCK_SIZE} bytes, got ${head.length}`);
  }
  const block = head.subarray(0, BLOCK_SIZE);
  const disk = layout.decode(block);
  if (disk.magic !== MAGIC) {
    const what = signatureOf(head);
    const isFree = isBlank(block) && what === undefined;
    return isFree ? { state: 'unformatted' } : { state: 'foreign', what };
  }
  for (const fault of FAULTS) {
    const why = fault(disk, block);
    if (why) return { state: 'corrupt', why };
  }
  return { state: 'pool', superblock: superblockOf(disk) };
}

function superblockOf(disk: Layout): Superblock {
  const { dataBlockSize, flags, heldRoot } = disk;
  const { transactionId, dataBlocks, dataBlocksUsed, metadataBlocks, metadataBlocksUsed } = disk;
  return {
    transactionId,
    blockSize: BigInt(dataBlockSize),
    dataBlocks,
    dataBlocksUsed,
    metadataBlocks,
    metadataBlocksUsed,
    needsCheck: (flags & NEEDS_CHECK) !== 0,
    heldRoot: heldRoot === 0n ? undefined : heldRoot,
    version: disk.version,
    time: disk.time,
  };
}

/**
 * What a metadata device, or a file of metadata, holds. Of a pool that is in use, this is what it last committed.
 * @throws RangeError for less than 4096 bytes, SyscallError, or Node's own from opening
 */
export async function readMetadata(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<MetadataContent> {
  isPath(path, 'path');
  checkFields(options, SIGNAL);
  const { signal } = options;
  const head = await readHead(path, undefined, { signal });
  if (head.length < BLOCK_SIZE) {
    throw new RangeError(`${path}: expected at least ${BLOCK_SIZE} bytes, got ${head.length}`);
  }
  return inspectMetadata(head);
}
