// Discards an inactive thin device.

import { formatSize } from '../../dm/size.ts';
import type { Sectors } from '../../dm/units.ts';
import { withCleanup } from '../../ioctl/attempt.ts';
import { discardThin } from '../../thin/discard.ts';
import type { ThinPool } from '../../thin/pool.ts';
import { percentText } from '../bar.ts';
import type { Io } from '../io.ts';

/** How long to wait for programs that open new devices, such as udev. */
const RELEASE_MS = 5000;

/** Activates the thin device temporarily and discards all of it. On a terminal, stderr shows the progress. */
export async function discardAll(
  { stderr, signal }: Io,
  pool: ThinPool,
  id: number,
  length: Sectors,
): Promise<void> {
  const { path } = await pool.activateThin(id, { length, signal });
  const shows = stderr.isTTY ?? false;
  const onProgress = (used: bigint, total: bigint): void => {
    const figures = `${percentText({ used, total })} of ${formatSize(total)}`;
    stderr.write(`\rdiscarded ${figures}${used === total ? '\n' : ''}`);
  };
  await withCleanup(
    () => discardThin(path, { signal, ...(shows && { onProgress }) }),
    () => pool.deactivateThin(id, { timeoutMs: RELEASE_MS }),
  );
}
