// Discards an inactive thin device.

import { formatSize } from '../../dm/size.ts';
import type { Sectors } from '../../dm/units.ts';
import type { ThinPool } from '../../thin/pool.ts';
import { percentText } from '../bar.ts';
import type { Io } from '../io.ts';

/** Activates the thin device temporarily and discards all of it. On a terminal, stderr shows the progress. */
export async function discardAll(
  { stderr, signal }: Io,
  pool: ThinPool,
  id: number,
  length: Sectors,
): Promise<void> {
  const shows = stderr.isTTY ?? false;
  const onProgress = (used: bigint, total: bigint): void => {
    const figures = `${percentText({ used, total })} of ${formatSize(total)}`;
    stderr.write(`\rdiscarded ${figures}${used === total ? '\n' : ''}`);
  };
  await pool.discardThin(id, { length, signal, ...(shows && { onProgress }) });
}
