// Deletes a volume. See records.ts for the order of the steps.

import type { CallOptions } from '../dm/device/options.ts';
import { SECTOR } from '../dm/text/units.ts';
import { discardBlocks } from '../ioctl/device/block.ts';
import { attempt, withCleanup } from '../ioctl/input/attempt.ts';
import type { VolumeRecord } from './directory/record.ts';
import { rangesOf } from './ranges.ts';
import { deleteSpare, RELEASE_MS, type VolumeState } from './recover.ts';

/** Bytes per call, so that no call blocks the pool for long. */
const SLICE = 2 ** 30;

/** How a volume is deleted. */
export interface DeletionOptions extends CallOptions {
  /** Give the space back to the data device first, where the pool passes discards down. An abort ends this part only. */
  readonly discard: boolean;
}

/** Deletes a volume and its thin device. */
export async function deleteVolume(
  state: VolumeState,
  name: string,
  record: VolumeRecord,
  { discard, signal }: DeletionOptions,
): Promise<void> {
  const { records } = state;
  const { id } = record;
  await records.addSpare(id);
  try {
    await records.remove(name);
  } catch (error) {
    await attempt(async () => {
      // The record may be gone from the disk all the same. Until it is back, the mark stays.
      await records.write(name, record);
      await records.removeSpare(id);
    });
    throw error;
  }
  // The deletion does not depend on it.
  if (discard) await attempt(() => discardData(state, record, { signal }));
  await deleteSpare(state, id);
}

/** Discards the blocks that a volume maps. */
async function discardData(
  state: VolumeState,
  { id, size }: VolumeRecord,
  { signal }: CallOptions,
): Promise<void> {
  const { pool } = state;
  const ranges = await rangesOf(state, id, { size, signal });
  if (ranges.length === 0) return;
  const { path } = await pool.activateThin(id, { length: size / SECTOR, signal });
  await withCleanup(
    async () => {
      for (const { start, length } of ranges) {
        for (let at = 0; at < length; at += SLICE) {
          const part = { start: start + at, length: Math.min(SLICE, length - at) };
          await discardBlocks(path, { ...part, ...(signal && { signal }) });
        }
      }
    },
    () => pool.deactivateThin(id, { timeoutMs: RELEASE_MS }),
  );
}
