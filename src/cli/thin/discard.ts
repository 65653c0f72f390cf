// Discards an inactive thin device.

import { formatSize } from '../../dm/text/size.ts';
import type { Sectors } from '../../dm/text/units.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { percentText } from '../support/bar.ts';
import type { Io } from '../support/io.ts';

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
