// The bytes of an inactive thin device that have data.

import type { CallOptions } from '../dm/device/options.ts';
import { type Bytes, SECTOR } from '../dm/text/units.ts';
import type { ByteRange } from './image/export-image.ts';
import type { VolumeState } from './recover.ts';

/** The ranges with data, up to the size of the volume. */
export async function rangesOf(
  { pool }: Pick<VolumeState, 'pool'>,
  id: number,
  { size, signal }: CallOptions & { readonly size: Bytes },
): Promise<readonly ByteRange[]> {
  const { params } = await pool.table();
  const blockBytes = params.blockSize * SECTOR;
  const ranges: ByteRange[] = [];
  for await (const { begin, length } of pool.mapped(id, { signal })) {
    const [start, end] = [begin * blockBytes, (begin + length) * blockBytes];
    const last = end > size ? size : end;
    if (last > start) ranges.push({ start: Number(start), length: Number(last - start) });
  }
  return ranges;
}
