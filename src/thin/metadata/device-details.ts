// Reads the thin devices of a pool from the B-tree of device details in its metadata. No program runs, and nothing is
// written. Source: struct disk_device_details in drivers/md/dm-thin-metadata.c, struct btree_node in
// drivers/md/persistent-data/dm-btree-internal.h of the kernel.

import type { CallOptions } from '../../dm/device/options.ts';
import type { Blocks } from '../../dm/text/units.ts';
import { type BlockReader, openBlocks } from '../../ioctl/file/read-blocks.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { PoolError } from '../live/errors.ts';
import { whileUnchanged } from './committed.ts';
import { crc32c } from './crc32c.ts';
import { inspectMetadata } from './superblock.ts';

/**
 * The offsets of the metadata snapshot and of the tree's root in the superblock. Source: struct thin_disk_superblock.
 */
const HELD_ROOT = 56;
const DETAILS_ROOT = 328;
const CHECKSUM_XOR = 121_107;
const INTERNAL_NODE = 1;
const LEAF_NODE = 2;
const HEADER = 32;
const KEY_BYTES = 8;
const DETAILS_BYTES = 24;

/** A thin device, as the metadata records it. */
export interface ThinDetails {
  /** Its mapped blocks. */
  readonly mappedBlocks: Blocks<'data'>;
  /** The pool's transaction id at its creation. */
  readonly transactionId: bigint;
  /** The pool's snapshot counter at its creation. */
  readonly creationTime: number;
}

/** Which state of the metadata to read. */
export interface ThinDetailsOptions extends CallOptions {
  /** Read the reserved metadata snapshot instead of the last commit. @default false */
  readonly metadataSnap?: boolean;
}

/** The thin devices of a pool by id. */
export type ThinCensus = ReadonlyMap<number, ThinDetails>;

/**
 * Reads the thin devices of a pool, as of its last commit. The pool may be in use. It reads one block per 100 devices.
 * @throws PoolError ERR_POOL_METADATA when the metadata is damaged, ERR_POOL_BUSY when the pool commits too often;
 * SyscallError
 */
export async function readThinDevices(
  { name, device }: { readonly name: string; readonly device: string },
  { metadataSnap = false, signal }: ThinDetailsOptions = {},
): Promise<ThinCensus> {
  await using blocks = await openBlocks(device, { signal });
  // Await before the disposal: the device must stay open.
  return await whileUnchanged(
    () => blocks.read(0n),
    () => collect(name, blocks, metadataSnap),
    name,
  );
}

const damaged = (pool: string, problem: string): PoolError =>
  new PoolError({
    code: 'ERR_POOL_METADATA',
    pool,
    problem: `cannot read its thin devices: ${problem}`,
    hint: 'Deactivate the pool and run "thin_check" on its metadata device',
  });

async function collect(
  pool: string,
  blocks: BlockReader,
  metadataSnap: boolean,
): Promise<ThinCensus> {
  const superblock = await blocks.read(0n);
  const { state } = inspectMetadata(superblock);
  if (state !== 'pool') throw damaged(pool, `the superblock is ${state}`);
  const held = superblock.readBigUInt64LE(HELD_ROOT);
  if (metadataSnap && held === 0n) throw damaged(pool, 'no metadata snapshot is reserved');
  // A metadata snapshot is a copy of the superblock.
  const top = metadataSnap ? await blocks.read(held) : superblock;
  const found = new Map<number, ThinDetails>();
  // The set grows during the loop. A damaged tree may have cycles.
  const nodes = new Set([top.readBigUInt64LE(DETAILS_ROOT)]);
  for (const number of nodes) {
    const node = await blocks.read(number).catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(pool, `metadata block ${number} is beyond the end of the device`);
    });
    for (const child of readNode(pool, number, node, found)) {
      if (nodes.has(child)) throw damaged(pool, `metadata block ${child} is in its tree twice`);
      nodes.add(child);
    }
  }
  return found;
}

/** Adds the devices of a leaf to `found`. @returns the children of an internal node */
function readNode(
  pool: string,
  number: bigint,
  node: Buffer,
  found: Map<number, ThinDetails>,
): readonly bigint[] {
  const computed = (crc32c(node.subarray(4)) ^ CHECKSUM_XOR) >>> 0;
  const flags = node.readUInt32LE(4);
  const [entries, capacity, valueBytes] = [16, 20, 24].map((at) => node.readUInt32LE(at));
  const leaf = flags === LEAF_NODE;
  const isSound =
    node.readUInt32LE(0) === computed &&
    node.readBigUInt64LE(8) === number &&
    (leaf || flags === INTERNAL_NODE) &&
    entries! <= capacity! &&
    valueBytes === (leaf ? DETAILS_BYTES : KEY_BYTES) &&
    HEADER + capacity! * (KEY_BYTES + valueBytes) <= node.length;
  if (!isSound) throw damaged(pool, `metadata block ${number} is damaged`);
  const children: bigint[] = [];
  for (let index = 0; index < entries!; index++) {
    const at = HEADER + capacity! * KEY_BYTES + index * valueBytes!;
    if (!leaf) children.push(node.readBigUInt64LE(at));
    else {
      const id = Number(node.readBigUInt64LE(HEADER + index * KEY_BYTES));
      found.set(id, {
        mappedBlocks: node.readBigUInt64LE(at),
        transactionId: node.readBigUInt64LE(at + 8),
        creationTime: node.readUInt32LE(at + 16),
      });
    }
  }
  return children;
}

/**
 * Refuses ids that a pool does not have. Unreadable metadata is left to the programs, which report its faults.
 * @throws PoolError ERR_THIN_MISSING
 */
export async function refuseMissing(
  { name, device }: { readonly name: string; readonly device: string },
  ids: readonly number[],
  options: ThinDetailsOptions,
): Promise<void> {
  const all = await attempt(() => readThinDevices({ name, device }, options));
  options.signal?.throwIfAborted();
  const missing = ids.find((id) => all?.has(id) === false);
  if (missing === undefined) return;
  throw new PoolError({
    code: 'ERR_THIN_MISSING',
    pool: name,
    id: missing,
    problem: `the pool has no thin device ${missing}`,
    hint: '"dmts thin ls" lists the thin devices of an active pool, thin_ls those of metadata in a file',
  });
}
