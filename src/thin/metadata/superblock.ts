// The superblock of thin-pool metadata: block 0 of the metadata device.
// Source: drivers/md/dm-thin-metadata.c and persistent-data/dm-space-map-common.h of the kernel.

import { stat } from 'node:fs/promises';
import { isBlank, readHead, signatureOf } from '../../block/signatures.ts';
import type { Blocks, Sectors } from '../../dm/text/units.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { checkFields, isPath, SIGNAL } from '../../ioctl/input/checks.ts';
import { le32, le64, record } from '../../ioctl/struct/record.ts';
import { PoolError } from '../live/errors.ts';
import { crc32c } from './crc32c.ts';

/** The size of the superblock, the first metadata block. */
export const SUPERBLOCK_BYTES = 4096;
const MAGIC = 27022010n;
const CHECKSUM_XOR = 160774;
const VERSIONS: readonly number[] = [1, 2];
const NEEDS_CHECK = 1;
/** A metadata block in sectors, as the superblock states it. */
const METADATA_BLOCK_SECTORS = 8;
/** Sectors of a data block: a multiple of the minimum. */
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

/** The superblock of a pool, as of the pool's last commit. */
export interface Superblock {
  /** The number that the pool's user sets with each change, to detect records of another age. */
  readonly transactionId: bigint;
  /** Size of a data block. */
  readonly blockSize: Sectors;
  readonly dataBlocks: Blocks<'data'>;
  readonly dataBlocksUsed: Blocks<'data'>;
  /** Metadata blocks of 4 KiB. A device that has grown since may have more. */
  readonly metadataBlocks: Blocks<'metadata'>;
  readonly metadataBlocksUsed: Blocks<'metadata'>;
  /** The kernel refuses to write to the pool before thin_check clears this flag. */
  readonly needsCheck: boolean;
  /** The first block of the reserved metadata snapshot. */
  readonly heldRoot: bigint | undefined;
  readonly version: number;
  /** The pool's snapshot counter. Blocks that are older than the last snapshot are shared. */
  readonly time: number;
}

/** The content of a metadata device. */
export type MetadataContent =
  /** The first 4 KiB are zero: the kernel formats it as a new pool. */
  | { readonly state: 'unformatted' }
  | { readonly state: 'pool'; readonly superblock: Superblock }
  /** Metadata of a pool that the kernel refuses. */
  | { readonly state: 'corrupt'; readonly why: string }
  /** Another format, with its name if it is known: `'ext4 filesystem'`. */
  | { readonly state: 'foreign'; readonly what: string | undefined };

type Layout = ReturnType<typeof layout.decode>;

// The faults, the most informative first.
const FAULTS: readonly ((on: Layout, block: Buffer) => string | false)[] = [
  ({ checksum }, block) => {
    const computed = superblockChecksum(block);
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

/** The checksum that a superblock must have. */
export const superblockChecksum = (block: Buffer): number =>
  (crc32c(block.subarray(4)) ^ CHECKSUM_XOR) >>> 0;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/**
 * Classifies the first bytes of a metadata device. A blank first block with a filesystem after it counts as that
 * filesystem: btrfs leaves its first 64 KiB blank. More bytes detect more formats.
 * @throws InputError for less than 4096 bytes
 */
export function inspectMetadata(head: Buffer): MetadataContent {
  if (!Buffer.isBuffer(head)) {
    throw new InputError({ field: 'head', expected: 'a Buffer', received: head });
  }
  if (head.length < SUPERBLOCK_BYTES) {
    throw new InputError({
      field: 'head',
      expected: `at least ${SUPERBLOCK_BYTES} bytes`,
      received: head.length,
    });
  }
  const block = head.subarray(0, SUPERBLOCK_BYTES);
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
 * Reads and classifies a metadata device or a file of metadata. For a pool in use, it is the last commit.
 * @throws InputError for another kind of file; PoolError ERR_POOL_METADATA for less than 4096 bytes; SyscallError, or Node's own error from opening
 */
export async function readMetadata(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<MetadataContent> {
  isPath(path, 'path');
  checkFields(options, SIGNAL);
  const { signal } = options;
  const found = await stat(path);
  // Opening a fifo would wait for a writer.
  if (!found.isFile() && !found.isBlockDevice()) {
    throw new InputError({ field: 'path', expected: 'a block device or a file', received: path });
  }
  const head = await readHead(path, undefined, { signal });
  if (head.length < SUPERBLOCK_BYTES) {
    throw new PoolError({
      code: 'ERR_POOL_METADATA',
      pool: path,
      problem: `expected at least ${SUPERBLOCK_BYTES} bytes of metadata, got ${head.length}`,
    });
  }
  return inspectMetadata(head);
}
