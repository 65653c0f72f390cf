// The metadata that a command reads: a live pool's as of its last commit, or that of a pool that is not active.

import { withCleanup } from '../../ioctl/attempt.ts';
import { deviceNode } from '../../ioctl/device-node.ts';
import { readCommitted } from '../../thin/committed.ts';
import { poolTable } from '../../thin/handle.ts';
import type { ThinPool } from '../../thin/pool.ts';
import { refuseUnreadable } from '../../thin/readable.ts';
import type { MetadataToolOptions } from '../../thin/tools.ts';
import type { Io } from '../io.ts';
import { withDeviceMapper } from '../session.ts';
import { findPool, withPool } from './with-pool.ts';

/** Where metadata is. */
export type MetadataSource =
  | { readonly pool: string; readonly metadataSnap: boolean }
  | { readonly path: string };

/** The option for a pool that is not active. */
export const METADATA_OPTION: readonly [flags: string, description: string] = [
  '--metadata <path>',
  'the metadata of a pool that is not active, in place of NAME',
];

/** The option for a pool that commits all the time. */
export const SNAP_OPTION: readonly [flags: string, description: string] = [
  '--metadata-snap',
  'hold a metadata snapshot meanwhile, which is a write: for a pool that is never quiet',
];

/** How the tools are to read it. */
export interface Readable {
  readonly path: string;
  readonly options: MetadataToolOptions;
}

/**
 * Run `task` on metadata that does not change. Without `metadataSnap` nothing is written, and `task` runs again where the pool
 * commits meanwhile. A metadata snapshot is released, whatever becomes of the task.
 */
export async function withMetadata<T>(
  io: Io,
  source: MetadataSource,
  task: (readable: Readable) => Promise<T>,
): Promise<T> {
  const { signal } = io;
  if ('path' in source) {
    await refuseUnreadable(source.path, '--metadata', { signal });
    return await task({ path: source.path, options: { signal } });
  }
  if (source.metadataSnap) {
    return await withPool(io, source.pool, (pool) => whileHeld(pool, io, task));
  }
  return await withDeviceMapper(io, { threads: true }, async (dm) => {
    const { name } = await findPool(dm, source.pool);
    const { params } = await poolTable({ dm, name });
    const device = await deviceNode(params.metadataDevice, io.sysDir);
    return readCommitted({ name, device }, (path) => task({ path, options: { signal } }), {
      signal,
    });
  });
}

async function whileHeld<T>(
  pool: ThinPool,
  { signal, sysDir }: Io,
  task: (readable: Readable) => Promise<T>,
): Promise<T> {
  const path = await deviceNode((await pool.table()).params.metadataDevice, sysDir);
  await pool.reserveMetadataSnap({ signal });
  return withCleanup(
    () => task({ path, options: { signal, metadataSnap: true } }),
    () => pool.releaseMetadataSnap(),
  );
}
