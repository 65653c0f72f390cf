// Repairs the devices that a process that died left.

import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import { StorageError } from '../config/errors.ts';
import { idOfRecord, type Layout } from '../directory/layout.ts';
import type { StorageContext } from '../layers/context.ts';
import { deactivateLayer, repairDevice } from '../layers/devices.ts';
import { endGrowth, growthMounts } from '../layers/growth-mounts.ts';

type Parts = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;

/**
 * Repairs every device of this storage: resumes a suspended one, removes one without a table or a record, ends a growth
 * that was interrupted, and deactivates one that is not mounted.
 * @param mounted the layers whose mount points are in use
 * @param notice gets a sentence about each repair
 * @returns the layers whose devices are still active
 */
export async function repairDevices(
  parts: Parts,
  mounted: ReadonlySet<string>,
  notice: (text: string) => void,
): Promise<ReadonlySet<string>> {
  const { dm, layout, options } = parts;
  const there = new Set<string>();
  const growing = await growthMounts();
  for (const { name } of await dm.list()) {
    const id = idOfDevice(layout, name);
    if (id === undefined || name === parts.pool.name) continue;
    try {
      const info = await dm.info(name);
      await repairDevice(parts, info);
      for (const repair of repairsOf(info)) notice(`device ${name} ${repair}`);
      if (!info.live) continue;
      const growth = growing.get(formatDev(info.dev));
      if (growth !== undefined) {
        await endGrowth(growth);
        notice(
          `the filesystem of device ${name} was still mounted after an interrupted growth: it is unmounted`,
        );
      }
      if (info.deferredRemove || mounted.has(id)) {
        there.add(id);
        continue;
      }
      const gone = await deactivateLayer(parts, id, { deferred: options.deferredRemoval });
      if (gone) notice(`device ${name} was active, and nothing used it: it is deactivated`);
      else there.add(id);
    } catch (error) {
      // Another process removed the device, or it is in use. The next operation on the layer reports that.
      if (isDmError(error, 'ENXIO')) continue;
      if (!isPoolError(error) && !(error instanceof StorageError)) throw error;
      there.add(id);
    }
  }
  return there;
}

/** What `repairDevice` does to a device. */
const repairsOf = ({ inactive, live, suspended }: DeviceInfo): readonly string[] => [
  ...(inactive ? ['had an inactive table: it is cleared'] : []),
  ...(live ? [] : ['had no table: it is removed']),
  ...(live && suspended ? ['was suspended: it is resumed'] : []),
];

/** The layer of a device, by the device's name. */
export function idOfDevice({ prefix }: Layout, name: string): string | undefined {
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const id = idOfRecord(name.slice(prefix.length + 1));
  return id === 'pool' ? undefined : id;
}
