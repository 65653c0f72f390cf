// Reads the thin devices of a pool from the tree of device details in its metadata. No program runs, and nothing is
// written. Source: struct disk_device_details in drivers/md/dm-thin-metadata.c of the kernel.

import type { Blocks } from '../../dm/text/units.ts';
import { openBlocks } from '../../ioctl/file/read-blocks.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { PoolError } from '../live/errors.ts';
import { whileUnchanged } from './committed.ts';
import { findTrees, type MetadataStateOptions, type MetadataTrees, thinIdOf } from './trees.ts';

const DETAILS_BYTES = 24;

/** A thin device, as the metadata records it. */
export interface ThinDetails {
  /** Its mapped blocks. */
  readonly mappedBlocks: Blocks<'data'>;
  /** The pool's transaction id at its creation. */
  readonly transactionId: bigint;
  /** The pool's snapshot counter at its creation. */
  readonly creationTime: number;
  /** The pool's snapshot counter at its last snapshot. */
  readonly snapTime: number;
}

/** The thin devices of a pool by id. */
export type ThinCensus = ReadonlyMap<number, ThinDetails>;

/** The metadata of a pool: the name in errors, and the path of a device or a file. */
export interface MetadataSource {
  readonly name: string;
  readonly device: string;
}

/**
 * Reads the thin devices of a pool, as of its last commit. The pool may be in use. It reads one block per 100 devices.
 * @throws PoolError ERR_POOL_METADATA when the metadata is damaged, ERR_POOL_BUSY when the pool commits too often;
 * SyscallError
 */
export async function readThinDevices(
  { name, device }: MetadataSource,
  { metadataSnap = false, signal }: MetadataStateOptions = {},
): Promise<ThinCensus> {
  await using blocks = await openBlocks(device, { signal });
  // Await before the disposal: the device must stay open.
  return await whileUnchanged(
    () => blocks.read(0n),
    async () => readDetails(await findTrees(name, blocks, metadataSnap)),
    name,
  );
}

/** Reads the details of all thin devices. @throws PoolError ERR_POOL_METADATA; SyscallError */
export async function readDetails({ nodes, details }: MetadataTrees): Promise<ThinCensus> {
  const found = new Map<number, ThinDetails>();
  for await (const { keys, block, values } of nodes.leaves(details, DETAILS_BYTES)) {
    for (const [index, id] of keys.entries()) {
      const at = values + index * DETAILS_BYTES;
      found.set(thinIdOf(nodes, id), {
        mappedBlocks: block.readBigUInt64LE(at),
        transactionId: block.readBigUInt64LE(at + 8),
        creationTime: block.readUInt32LE(at + 16),
        snapTime: block.readUInt32LE(at + 20),
      });
    }
  }
  return found;
}

/** The error for an id that a pool does not have. */
export const missingThin = (pool: string, id: number): PoolError =>
  new PoolError({
    code: 'ERR_THIN_MISSING',
    pool,
    id,
    problem: `the pool has no thin device ${id}`,
    hint: '"dmts thin ls" lists the thin devices of an active pool, thin_ls those of metadata in a file',
  });

/**
 * Refuses ids that a pool does not have. Unreadable metadata is left to the programs, which report its faults.
 * @throws PoolError ERR_THIN_MISSING
 */
export async function refuseMissing(
  source: MetadataSource,
  ids: readonly number[],
  options: MetadataStateOptions,
): Promise<void> {
  const all = await attempt(() => readThinDevices(source, options));
  options.signal?.throwIfAborted();
  const missing = ids.find((id) => all?.has(id) === false);
  if (missing !== undefined) throw missingThin(source.name, missing);
}
