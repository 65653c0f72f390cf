// The mounts of growing filesystems. A process that dies during a growth leaves one, which keeps its device in use.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseMountInfo } from '../../block/mount-table.ts';
import { unmount } from '../../ioctl/file/mount.ts';
import { GROWTH_PREFIX } from '../filesystem/filesystem.ts';
import { removeMountPoint } from './layer-mount.ts';

/** The mount points of growing filesystems, of any storage, by `major:minor` of the device. */
export async function growthMounts(): Promise<ReadonlyMap<string, string>> {
  const table = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  return new Map(
    table
      .filter(({ path }) => basename(path).startsWith(GROWTH_PREFIX))
      .map(({ dev, path }) => [dev, path]),
  );
}

/** Unmounts the filesystem of a growth that was interrupted, and removes its mount point. */
export async function endGrowth(path: string): Promise<void> {
  await unmount(path, { lazy: true });
  await removeMountPoint(path);
}
