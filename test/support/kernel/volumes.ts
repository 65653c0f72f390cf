// Directories of volumes for a test, removed with all their devices when the test ends.

import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { DeviceMapper } from '../../../src/index.ts';
import { type EnsureVolumesOptions, Volumes } from '../../../src/volumes/index.ts';
import { MiB, scratchDirectory, uniqueName } from './scratch.ts';
import { removePool } from './thin.ts';

/** A directory of volumes, and how it is opened. */
export interface VolumesRoom {
  readonly dir: string;
  readonly name: string;
  /** Opens the directory. The caller closes it. */
  readonly open: (options?: Partial<EnsureVolumesOptions>) => Promise<Volumes>;
}

/** Options of a small pool. */
export const SMALL_POOL: { readonly size: number; readonly metadataSize: number } = {
  size: 256 * MiB,
  metadataSize: 8 * MiB,
};

/** A directory for volumes. It does not exist yet. */
export function volumesRoom(t: ExecutionContext, dm: DeviceMapper): VolumesRoom {
  const dir = join(scratchDirectory(t), 'volumes');
  const name = uniqueName('vols');
  t.teardown(() => removePool(dm, name));
  return {
    dir,
    name,
    open: (options = {}) => Volumes.ensure(dm, name, { dir, ...SMALL_POOL, ...options }),
  };
}

/** Open volumes in a new directory, closed when the test ends. */
export async function openVolumes(
  t: ExecutionContext,
  dm: DeviceMapper,
  options: Partial<EnsureVolumesOptions> = {},
): Promise<{ readonly volumes: Volumes; readonly room: VolumesRoom }> {
  const room = volumesRoom(t, dm);
  const volumes = await room.open(options);
  t.teardown(() => volumes.close());
  return { volumes, room };
}
