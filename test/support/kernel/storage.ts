// Storage directories for a test, with a small base device; removed with all their devices when the test ends.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { DeviceMapper, isDmError } from '../../../src/index.ts';
import { unmount } from '../../../src/ioctl/file/mount.ts';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { DevicemapperStorage, type OpenStorageOptions } from '../../../src/storage/index.ts';
import { mountedLayers, mountPoint } from '../../../src/storage/layers/mount-counts.ts';
import { scratchDirectory } from './scratch.ts';
import { removePool } from './thin.ts';

/** Small, so that mkfs is quick. */
export const SMALL: readonly string[] = [
  'dm.loopdatasize=512M',
  'dm.loopmetadatasize=8M',
  'dm.basesize=64M',
  'dm.fs=ext4',
];

/** A directory for a storage; everything on it is removed when the test ends. */
export function storageRoot(t: ExecutionContext): string {
  const root = join(scratchDirectory(t), 'devicemapper');
  t.teardown(() => takeStorageApart(root));
  return root;
}

/** Unmount and remove every device on a storage directory, in any state, and remove the directory. */
export async function takeStorageApart(root: string): Promise<void> {
  await deactivateStorage(root);
  rmSync(root, { recursive: true, force: true });
}

/** Unmount and remove every device on a storage directory, in any state. */
export async function deactivateStorage(root: string): Promise<void> {
  const layout = await layoutOf(root).catch(() => undefined);
  if (layout === undefined) return;
  for (const id of await mountedLayers(layout))
    await unmount(mountPoint(layout, id), { lazy: true });
  await using dm = await DeviceMapper.open();
  for (const { name } of await dm.list()) {
    if (!name.startsWith(`${layout.prefix}-`) || name === poolName(layout)) continue;
    try {
      if ((await dm.info(name)).suspended) await dm.resume(name);
      await dm.remove(name, { retryMs: 10_000 });
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  await removePool(dm, poolName(layout));
  // Without udevd a deferred removal leaves the node of its device.
  await dm.makeNodes();
}

/** An open storage on a new directory, closed when the test ends. */
export async function openStorage(
  t: ExecutionContext,
  root: string,
  storageOptions: readonly string[] = [],
  options: Partial<OpenStorageOptions> = {},
): Promise<DevicemapperStorage> {
  const storage = await DevicemapperStorage.open({
    root,
    storageOptions: [...SMALL, ...storageOptions],
    ...options,
  });
  t.teardown(() => storage.close());
  return storage;
}

/** Run `task` with a layer mounted. */
export async function withMounted<T>(
  storage: DevicemapperStorage,
  id: string,
  task: (root: string) => T,
): Promise<T> {
  const root = await storage.mount(id);
  try {
    return task(root);
  } finally {
    await storage.unmount(id);
  }
}
