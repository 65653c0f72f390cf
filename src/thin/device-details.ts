// Every thin device of a pool, active or not, from what the pool last committed: nothing is written, and no program is
// needed. A block of the last commit is not used anew before the next one, so what is read between two equal
// superblocks belongs together. Source: drivers/md/dm-thin-metadata.c, persistent-data/dm-btree-internal.h.

import { open } from 'node:fs/promises';
import type { CallOptions } from '../dm/options.ts';
import { deviceNode } from '../ioctl/device-node.ts';
import { isErrno } from '../ioctl/errno.ts';
import { readDirectly } from '../ioctl/read-start.ts';
import { le32, le64, record } from '../ioctl/record.ts';
import { crc32c } from './crc32c.ts';
import { PoolError } from './errors.ts';
import { type PoolHandle, poolTable } from './handle.ts';
import { inspectMetadata } from './superblock.ts';

/** A thin device as the pool's metadata records it. */
export interface ThinDetails {
  readonly id: number;
  /** Data blocks that it maps, those included that it shares. */
  readonly mappedBlocks: bigint;
}

const BLOCK_SIZE = 4096;
const NODE_XOR = 121107;
const INTERNAL = 1;
const LEAF = 2;
const KEY_SIZE = 8;
const DETAILS_SIZE = 24;
/** Far more than 2^24 devices need. */
const DEPTH_MAX = 10;
const TRIES = 10;

/** Where the superblock has the root of the tree. */
const DETAILS_ROOT = 328;

/** `struct node_header`; keys follow, then values. */
const nodeHeader = record('node_header', 32, {
  checksum: le32(0),
  flags: le32(4),
  blockNumber: le64(8),
  entries: le32(16),
  entriesMax: le32(20),
  valueSize: le32(24),
});

/** Reads the block of this number. */
export type ReadBlock = (number: bigint) => Promise<Buffer>;

/** A block is not what it should be: the metadata has changed meanwhile, or is damaged. */
class BadBlock extends Error {}

/** The thin devices that metadata records, by id. @throws BadBlock; RangeError where the metadata is no pool's */
async function readDetails(superblock: Buffer, read: ReadBlock): Promise<readonly ThinDetails[]> {
  const found: ThinDetails[] = [];
  const walk = async (number: bigint, depth: number): Promise<void> => {
    const block = await read(number);
    const { flags, entries, entriesMax, valueSize } = checkNode(block, number, depth);
    const values = nodeHeader.size + entriesMax * KEY_SIZE;
    for (let i = 0; i < entries; i++) {
      const value = values + i * valueSize;
      if (flags === INTERNAL) {
        await walk(block.readBigUInt64LE(value), depth + 1);
        continue;
      }
      const id = Number(block.readBigUInt64LE(nodeHeader.size + i * KEY_SIZE));
      found.push({ id, mappedBlocks: block.readBigUInt64LE(value) });
    }
  };
  await walk(superblock.readBigUInt64LE(DETAILS_ROOT), 0);
  return found;
}

function checkNode(block: Buffer, number: bigint, depth: number) {
  const demand = (holds: boolean, what: string): void => {
    if (!holds) throw new BadBlock(`metadata block ${number}: ${what}`);
  };
  demand(block.length === BLOCK_SIZE, 'it is behind the end of the device');
  const node = nodeHeader.decode(block);
  const checksum = (crc32c(block.subarray(4)) ^ NODE_XOR) >>> 0;
  demand(node.checksum === checksum, 'its checksum is wrong');
  demand(node.blockNumber === number, `it says that it is block ${node.blockNumber}`);
  const size = { [INTERNAL]: KEY_SIZE, [LEAF]: DETAILS_SIZE }[node.flags];
  demand(size === node.valueSize, 'it does not belong to the tree of devices');
  const { entries, entriesMax } = node;
  const fits = nodeHeader.size + entriesMax * (KEY_SIZE + node.valueSize) <= BLOCK_SIZE;
  demand(entries <= entriesMax && fits, 'it has too many entries');
  demand(depth < DEPTH_MAX, 'it is too deep in the tree');
  return node;
}

/**
 * Read between two equal superblocks; `what` names the metadata in errors.
 * @throws PoolError ERR_POOL_METADATA where it is damaged, ERR_POOL_BUSY where it changes all the time
 */
export async function committedDetails(
  what: string,
  read: ReadBlock,
): Promise<readonly ThinDetails[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    const superblock = await read(0n);
    const content = inspectMetadata(superblock);
    let result: readonly ThinDetails[] | BadBlock;
    try {
      result =
        content.state === 'pool'
          ? await readDetails(superblock, read)
          : new BadBlock('block 0 is not the superblock of a pool');
    } catch (error) {
      if (!(error instanceof BadBlock)) throw error;
      result = error;
    }
    if (!(await read(0n)).equals(superblock)) continue;
    if (!(result instanceof BadBlock)) return result;
    const problem = `its metadata cannot be read: ${result.message}`;
    throw new PoolError({ code: 'ERR_POOL_METADATA', pool: what, problem, hint: CHECK });
  }
  const problem = 'its metadata changes all the time: no two equal superblocks were read';
  throw new PoolError({ code: 'ERR_POOL_BUSY', pool: what, problem });
}

const CHECK = '"dmts pool check" tells what is wrong with it';

/**
 * Every thin device of a live pool, by id, as of its last commit.
 * @throws PoolError ERR_POOL_METADATA, ERR_POOL_BUSY, SyscallError, or Node's own from opening the metadata device
 */
export async function thinDetails(
  pool: PoolHandle,
  { signal, sysDir }: CallOptions & { readonly sysDir?: string | undefined } = {},
): Promise<readonly ThinDetails[]> {
  const { params } = await poolTable(pool);
  const path = await deviceNode(params.metadataDevice, sysDir);
  return fileDetails(path, pool.name, { signal });
}

/** A block, past the page cache; buffered only of a file whose filesystem cannot do otherwise, as tmpfs. */
async function readBlock(path: string, number: bigint, options: CallOptions): Promise<Buffer> {
  const start = number * BigInt(BLOCK_SIZE);
  try {
    return await readDirectly(path, { start, length: BLOCK_SIZE, ...options });
  } catch (error) {
    if (!isErrno(error, 'EINVAL')) throw error;
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(BLOCK_SIZE),
      position: start,
    });
    return buffer.subarray(0, bytesRead);
  }
}

/** The same of metadata at a path. */
export const fileDetails = (
  path: string,
  what: string,
  { signal }: CallOptions,
): Promise<readonly ThinDetails[]> =>
  committedDetails(what, (number) => readBlock(path, number, { signal }));
