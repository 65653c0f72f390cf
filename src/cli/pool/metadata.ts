// The metadata that a command reads: the last commit of an active pool, or the metadata of an inactive one.

import type { MetadataStateOptions } from '../../thin/metadata/trees.ts';
import { viewOf, withPool } from '../pool-support/arguments.ts';
import type { Io } from '../support/io.ts';
import { withDeviceMapper } from '../support/session.ts';

/** The source of metadata. */
export type MetadataSource =
  | { readonly pool: string; readonly metadataSnap: boolean }
  | { readonly path: string };

/** The option for an inactive pool. */
export const METADATA_OPTION: readonly [flags: string, description: string] = [
  '--metadata <path>',
  'the metadata of an inactive pool, instead of NAME',
];

/** The option for a pool that commits constantly. */
export const SNAP_OPTION: readonly [flags: string, description: string] = [
  '--metadata-snap',
  'read from a metadata snapshot, which writes to the pool: for a pool that commits constantly',
];

/** How the metadata is read. */
export interface Readable {
  readonly path: string;
  readonly options: MetadataStateOptions;
}

/**
 * Runs `task` on metadata that does not change. Without `metadataSnap` nothing is written, and `task` runs again if the
 * pool commits in the meantime. A metadata snapshot is released even if `task` fails.
 */
export async function withMetadata<T>(
  io: Io,
  source: MetadataSource,
  task: (readable: Readable) => Promise<T>,
): Promise<T> {
  const { signal } = io;
  if ('path' in source) return await task({ path: source.path, options: { signal } });
  if (source.metadataSnap) {
    return await withPool(io, source.pool, (pool) =>
      pool.withMetadataSnap((path) => task({ path, options: { signal, metadataSnap: true } }), {
        signal,
      }),
    );
  }
  return await withDeviceMapper(io, { threads: true }, async (dm) => {
    const view = await viewOf(dm, source.pool, io);
    return view.withMetadata((path) => task({ path, options: { signal } }), { signal });
  });
}
