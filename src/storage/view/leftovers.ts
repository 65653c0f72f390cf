// Removes what a view left that was killed between two calls. The next process with the lock of the directory does so.

import { readFile, rmdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseMountInfo } from '../../block/mount-table.ts';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { unmount } from '../../ioctl/file/mount.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import type { Layout } from '../directory/layout.ts';

/** The prefix of the directories on which a view mounts filesystems. */
export const VIEW_PREFIX = 'dmts-look-';

/**
 * The name of a view's device. It cannot be a layer's: an id must not contain `+`, and the prefix of layers ends in
 * `-`.
 */
const viewDeviceName = ({ prefix }: Layout, what: string): string => `${prefix}+look-${what}`;
/** The name of a pool that a view activates. */
export const viewPoolName = (layout: Layout): string => viewDeviceName(layout, 'pool');
/** The name of a thin device that a view activates. */
export const viewThinName = (layout: Layout, id: number): string => viewDeviceName(layout, `${id}`);

/** Removes what views left of a storage directory. The caller has its lock, so no other view is open. */
export async function removeLeftovers(dm: DeviceMapper, layout: Layout): Promise<void> {
  const all = await dm.list();
  const devices = all.filter(({ name }) => name.startsWith(layout.prefix));
  if (devices.length === 0) return;
  await unmountAll(new Set(devices.map(({ dev }) => formatDev(dev))));
  const pool = viewPoolName(layout);
  const looks = devices
    .map(({ name }) => name)
    .filter((name) => name.startsWith(viewDeviceName(layout, '')));
  for (const name of looks.toSorted((a, b) => Number(a === pool) - Number(b === pool))) {
    try {
      await dm.remove(name, { deferred: true });
    } catch (error) {
      if (!isDmError(error, 'ENXIO', 'EBUSY')) throw error;
    }
  }
}

async function unmountAll(devices: ReadonlySet<string>): Promise<void> {
  const table = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  for (const { dev, path } of table) {
    if (!devices.has(dev) || !basename(path).startsWith(VIEW_PREFIX)) continue;
    await attempt(() => unmount(path, { lazy: true }));
    await attempt(() => rmdir(path));
  }
}
