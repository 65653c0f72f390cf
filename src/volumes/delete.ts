// Deletes a volume. See records.ts for the order of the steps.

import { SECTOR } from '../dm/text/units.ts';
import { attempt } from '../ioctl/input/attempt.ts';
import type { VolumeRecord } from './directory/record.ts';
import { deleteSpare, type VolumeState } from './recover.ts';

/**
 * Deletes a volume and its thin device.
 * @param discard gives the space back to the data device first, where the pool passes discards down
 */
export async function deleteVolume(
  state: VolumeState,
  name: string,
  record: VolumeRecord,
  discard: boolean,
): Promise<void> {
  const { pool, records } = state;
  const { id, size } = record;
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
  if (discard) await attempt(() => pool.discardThin(id, { length: size / SECTOR }));
  await deleteSpare(state, id);
}
