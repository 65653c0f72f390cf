// Mounts a layer whose ext4 superblock a power cut tore. ext4 writes its superblock of 1024 bytes in place, without its journal,
// and cannot mount half of a new one. A storage does not promise more than its filesystem: it names the remedy.

import { DeviceMapper } from '../../../src/index.ts';
import { isErrno } from '../../../src/ioctl/index.ts';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { type DevicemapperStorage, isStorageError } from '../../../src/storage/index.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { output } from './scratch.ts';

const RELEASE_MS = 10_000;

/** Whether the checksum of a superblock is wrong. */
const isTorn = (error: unknown): boolean =>
  isStorageError(error, 'ERR_STORAGE_FILESYSTEM') && isErrno(error.cause, 'EBADMSG');

/** Activate the device of a layer that is not mounted. */
export async function withLayerDevice(
  storage: DevicemapperStorage,
  id: string,
  task: (path: string) => void,
): Promise<void> {
  const { deviceId, size } = storage.layer(id);
  await using dm = await DeviceMapper.open();
  const pool = await ThinPool.open(dm, poolName(await layoutOf(storage.root)));
  const { path } = await pool.activateThin(deviceId, { length: size / 512n });
  try {
    task(path);
  } finally {
    await pool.deactivateThin(deviceId, { timeoutMs: RELEASE_MS });
  }
}

/** Mount a layer. If its superblock is torn, do what the error advises before. */
export async function mountMended(storage: DevicemapperStorage, id: string): Promise<string> {
  try {
    return await storage.mount(id);
  } catch (error) {
    if (!isTorn(error)) throw error;
  }
  await withLayerDevice(storage, id, (path) =>
    output('sh', '-c', 'e2fsck -y -f "$0" >/dev/null; test $? -le 1', path),
  );
  return storage.mount(id);
}
