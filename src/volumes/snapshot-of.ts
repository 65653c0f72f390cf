// Takes a snapshot of the thin device of a volume, which another call may delete meanwhile.

import type { CallOptions } from '../dm/device/options.ts';
import { VolumeError } from './config/errors.ts';
import type { VolumeRecord } from './directory/record.ts';
import type { VolumeState } from './recover.ts';

/**
 * Creates thin device `id` as a snapshot of a volume. A deletion removes the record before it discards the blocks, so a snapshot
 * that is older than the end of the record has the whole content.
 * @throws VolumeError ERR_VOLUME_MISSING when the volume was deleted meanwhile; as `ThinPool.createSnap`
 */
export async function snapshotVolume(
  { pool, records }: VolumeState,
  id: number,
  { name, record }: { readonly name: string; readonly record: VolumeRecord },
  { signal }: CallOptions,
): Promise<void> {
  await pool.createSnap(id, record.id, { signal });
  if (records.nameOf(record.id) !== undefined) return;
  throw new VolumeError({
    code: 'ERR_VOLUME_MISSING',
    subject: `volume "${name}"`,
    problem: 'it was deleted or rolled back meanwhile',
  });
}
