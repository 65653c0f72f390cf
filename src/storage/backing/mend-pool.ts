// Repairs the device of a pool after the death of its process.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { isDmError } from '../../dm/wire/errors.ts';

/**
 * Clears an inactive table of the pool's device, and removes a device without a table. `ThinPool.open` resumes a suspended
 * pool.
 * @param notice gets a sentence about each repair
 */
export async function mendPool(
  dm: DeviceMapper,
  name: string,
  notice: (text: string) => void,
): Promise<void> {
  try {
    const { inactive, live, suspended } = await dm.info(name);
    if (inactive) {
      await dm.clear(name);
      notice(`pool ${name} had an inactive table: it is cleared`);
    }
    if (!live) {
      await dm.remove(name);
      notice(`device ${name} had no table: it is removed, and the pool is activated again`);
    } else if (suspended) notice(`pool ${name} was suspended: it is resumed`);
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
  }
}
