// The metadata that a command reads: a live pool's through a snapshot of it, or that of a pool that is not active.

import { open } from 'node:fs/promises';
import { withCleanup } from '../../ioctl/attempt.ts';
import { deviceNode } from '../../ioctl/device-node.ts';
import type { ThinPool } from '../../thin/pool.ts';
import type { MetadataToolOptions } from '../../thin/tools.ts';
import { UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { withPool } from './with-pool.ts';

/** Where metadata is. */
export type MetadataSource = { readonly pool: string } | { readonly path: string };

/** The option for a pool that is not active. */
export const METADATA_OPTION: readonly [flags: string, description: string] = [
  '--metadata <path>',
  'the metadata of a pool that is not active, in place of NAME',
];

/** How the tools are to read it. */
export interface Readable {
  readonly path: string;
  readonly options: MetadataToolOptions;
}

/** Run `task` while the metadata holds still. A metadata snapshot is let go of, whatever becomes of the task. */
export async function withMetadata<T>(
  io: Io,
  source: MetadataSource,
  task: (readable: Readable) => Promise<T>,
): Promise<T> {
  const { signal } = io;
  if ('path' in source) {
    // The tools say of a file that they cannot read what they say of one that is damaged.
    await using file = await open(source.path, 'r');
    if ((await file.stat()).isDirectory()) {
      throw new UsageError(
        `invalid --metadata: expected a block device or a file, got the directory ${source.path}`,
      );
    }
    return await task({ path: source.path, options: { signal } });
  }
  return await withPool(io, source.pool, (pool) => whileHeld(pool, io, task));
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
