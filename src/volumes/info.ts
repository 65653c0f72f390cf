// What a caller learns of a volume.

import type { Bytes } from '../dm/text/units.ts';
import { SECTOR } from '../dm/text/units.ts';
import type { VolumeState } from './recover.ts';

/** A volume. */
export interface VolumeInfo {
  readonly name: string;
  /** In bytes. */
  readonly size: Bytes;
  /** Bytes of the data blocks that the volume maps. Clones share blocks, and each of them counts a shared block. */
  readonly used: Bytes;
  readonly created: Date;
  /** The id of its thin device. A roll back changes it. */
  readonly id: number;
  /** `/dev/dm-N` while the volume is active. */
  readonly path: string | undefined;
}

/** All volumes, in the order of their names. */
export async function listVolumes({ pool, records }: VolumeState): Promise<readonly VolumeInfo[]> {
  const details = await pool.thinDetails();
  const { params } = await pool.table();
  const paths = new Map((await pool.activeThins()).map(({ id, info }) => [id, info.path]));
  return records.entries().map(([name, { id, size, created }]) => ({
    name,
    size,
    used: (details.get(id)?.mappedBlocks ?? 0n) * params.blockSize * SECTOR,
    created,
    id,
    path: paths.get(id),
  }));
}
