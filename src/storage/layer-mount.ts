// A layer mounted and unmounted: its device, its filesystem, and in that the directory with its content.
// Source: Get and Put in daemon/graphdriver/devmapper/driver.go of moby.

import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CallOptions } from '../dm/options.ts';
import { attempt } from '../ioctl/attempt.ts';
import { isErrno } from '../ioctl/errno.ts';
import { openKernelLog } from '../ioctl/kmsg.ts';
import { mount, unmount } from '../ioctl/mount.ts';
import { SyscallError } from '../ioctl/syscall-error.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, deactivateLayer } from './devices.ts';
import { whyNotWritten } from './durable-file.ts';
import { StorageError } from './errors.ts';
import { readFilesystemHeader } from './filesystem-header.ts';
import { deviceName, layerWords } from './layout.ts';
import { splitMountOptions } from './mount-options.ts';
import { mountPoint } from './mounts.ts';
import type { LayerRecord } from './records.ts';

/** Where a layer's content is, below its mount point. */
const ROOTFS = 'rootfs';
/** The file that tells which layer a device is. */
const ID_FILE = 'id';

/** How a layer is mounted. */
export interface MountLayerOptions extends CallOptions {
  /** SELinux label for everything in it: `'system_u:object_r:container_file_t:s0:c1,c2'`. */
  readonly mountLabel?: string | undefined;
}

/** The directory with a layer's content, once it is mounted. */
export const contentPath = (layout: StorageContext['layout'], id: string): string =>
  join(mountPoint(layout, id), ROOTFS);

/**
 * Mount a layer that is not mounted.
 * @throws StorageError ERR_STORAGE_FILESYSTEM with the kernel's reason; then its device is let go of again
 */
export async function mountLayer(
  parts: StorageContext,
  id: string,
  record: LayerRecord,
  options: MountLayerOptions,
): Promise<void> {
  const { layout } = parts;
  const target = mountPoint(layout, id);
  try {
    await mkdir(target, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw whyNotWritten(error, target);
  }
  try {
    const { path } = await activateLayer(parts, id, record, options);
    await mountDevice(parts, id, path, target, options);
    try {
      await finish(parts, id, path);
    } catch (error) {
      await attempt(() => unmount(target, { lazy: true }));
      throw error;
    }
  } catch (error) {
    // The first failure is the one to tell; what is left is tidied when the storage is opened.
    await removeMountPoint(target);
    await deactivateLayer(parts, id, { deferred: true }).catch(() => undefined);
    throw error;
  }
}

async function mountDevice(
  { options }: StorageContext,
  id: string,
  device: string,
  target: string,
  { mountLabel, signal }: MountLayerOptions,
): Promise<void> {
  const type = (await readFilesystemHeader(device))?.type;
  if (type === undefined) {
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layerWords(id),
      problem: `there is no ext4 or xfs filesystem on ${device}`,
    });
  }
  const { flags, data } = splitMountOptions([
    ...(type === 'xfs' ? ['nouuid'] : []),
    ...options.mountOptions,
  ]);
  // A label has commas of its own.
  const label = mountLabel === undefined ? [] : [`context="${mountLabel}"`];
  const all = [...(data === '' ? [] : [data]), ...label].join(',');
  const log = openKernelLog();
  try {
    await mount({ source: device, target, type, flags, data: all, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SyscallError)) throw error;
    const said = (log?.read() ?? []).filter((line) => line.includes(basename(device)));
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layerWords(id),
      problem: `its ${type} filesystem cannot be mounted: ${error.message}`,
      hint: said.length > 0 ? `The kernel says: ${said.join('; ')}` : undefined,
      cause: error,
    });
  } finally {
    log?.close();
  }
}

/** Do what comes after mounting, for a mount of a process that may have died before it did. */
export async function finishMount(parts: StorageContext, id: string): Promise<void> {
  const { path } = await parts.dm.info(deviceName(parts.layout, id));
  await finish(parts, id, path);
}

async function finish(parts: StorageContext, id: string, device: string): Promise<void> {
  await limitRetries(parts, id, device);
  await prepareContent(mountPoint(parts.layout, id), id);
}

/** How often xfs tries to write its metadata to a pool that is full, before it gives up. */
async function limitRetries(
  { options }: StorageContext,
  id: string,
  device: string,
): Promise<void> {
  const retries = options.xfsNospaceMaxRetries;
  if (retries === undefined || (await readFilesystemHeader(device))?.type !== 'xfs') return;
  const file = `/sys/fs/xfs/${basename(device)}/error/metadata/ENOSPC/max_retries`;
  try {
    await writeFile(file, String(retries));
  } catch (error) {
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layerWords(id),
      problem: `dm.xfs_nospace_max_retries could not be set: ${(error as Error).message}`,
      cause: error,
    });
  }
}

async function prepareContent(target: string, id: string): Promise<void> {
  await mkdir(join(target, ROOTFS), { recursive: true, mode: 0o755 });
  try {
    await writeFile(join(target, ID_FILE), id, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}

/**
 * Unmount a layer; its device stays. Copies of the mount in other mount namespaces go with the mount point, which is removed,
 * unless somebody uses them.
 */
export async function unmountLayer(
  { layout }: Pick<StorageContext, 'layout'>,
  id: string,
): Promise<void> {
  const target = mountPoint(layout, id);
  try {
    await unmount(target, { lazy: true });
  } catch (error) {
    const notMounted = isErrno(error, 'EINVAL', 'ENOENT');
    if (!notMounted) throw error;
  }
  await removeMountPoint(target);
}

/** Remove the directory. What somebody has put into it stays, and it with that; nothing is lost if it stays for another reason. */
export async function removeMountPoint(target: string): Promise<void> {
  await rmdir(target).catch(() => undefined);
}
