// What a caller learns of a volume.

import type { Bytes, Sectors } from '../dm/text/units.ts';
import { SECTOR } from '../dm/text/units.ts';
import type { ActiveThin } from '../thin/devices/active-thins.ts';
import type { ThinCensus } from '../thin/metadata/device-details.ts';
import type { PoolView } from '../thin/pool/view.ts';
import type { VolumeRecord } from './directory/record.ts';

/** A volume. */
export interface VolumeInfo {
  readonly name: string;
  /** In bytes. */
  readonly size: Bytes;
  /** Bytes of the data blocks that the volume maps. Clones share blocks, and each of them counts a shared block. */
  readonly used: Bytes;
  readonly created: Date;
  /** The id of its thin device. A rollback changes it. */
  readonly id: number;
  /** `/dev/dm-N` while the volume is active. */
  readonly path: string | undefined;
}

/** What a pool has. */
export interface PoolContent {
  readonly details: ThinCensus;
  readonly blockSize: Sectors;
  readonly active: readonly ActiveThin[];
}

/** What an active pool has. */
export async function contentOf(pool: PoolView): Promise<PoolContent> {
  const active = await pool.activeThins();
  const { params } = await pool.table();
  return { details: await pool.thinDetails(), blockSize: params.blockSize, active };
}

/** Describes the volumes with these records. */
export function describeVolumes(
  records: readonly (readonly [name: string, record: VolumeRecord])[],
  { details, blockSize, active }: PoolContent,
): readonly VolumeInfo[] {
  const paths = new Map(active.map(({ id, info }) => [id, info.path]));
  return records.map(([name, { id, size, created }]) => ({
    name,
    size,
    used: (details.get(id)?.mappedBlocks ?? 0n) * blockSize * SECTOR,
    created,
    id,
    path: paths.get(id),
  }));
}
