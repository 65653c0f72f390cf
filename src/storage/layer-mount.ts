// A layer mounted and unmounted: its device, its filesystem, and in that the directory with its content.
// Source: Get and Put in daemon/graphdriver/devmapper/driver.go of moby.

import { access, chmod, mkdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CallOptions } from '../dm/options.ts';
import { attempt } from '../ioctl/attempt.ts';
import { isErrno, messageOf } from '../ioctl/errno.ts';
import { type KernelLog, openKernelLog } from '../ioctl/kmsg.ts';
import { mount, unmount } from '../ioctl/mount.ts';
import { SyscallError } from '../ioctl/syscall-error.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, deactivateLayer } from './devices.ts';
import { whyNotWritten } from './durable-file.ts';
import { StorageError } from './errors.ts';
import type { FilesystemType } from './filesystem.ts';
import { filesystemAdvice } from './filesystem-advice.ts';
import { readFilesystemHeader } from './filesystem-header.ts';
import { deviceName, layerWords } from './layout.ts';
import { splitMountOptions } from './mount-options.ts';
import { mountPoint } from './mounts.ts';
import type { LayerRecord } from './records.ts';

/** Where a layer's content is, below its mount point. */
export const ROOTFS = 'rootfs';
/** The file that tells which layer a device is. */
const ID_FILE = 'id';

/** How a layer is mounted. */
export interface MountLayerOptions extends CallOptions {
  /** SELinux label for everything in it: `'system_u:object_r:container_file_t:s0:c1,c2'`; `''` is none, as with Docker. */
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
  parts: StorageContext,
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
    ...parts.options.mountOptions,
  ]);
  // A label has commas of its own.
  const label = mountLabel ? [`context="${mountLabel}"`] : [];
  const all = [...(data === '' ? [] : [data]), ...label].join(',');
  const log = openKernelLog();
  try {
    await mount({ source: device, target, type, flags, data: all, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SyscallError)) throw error;
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layerWords(id),
      problem: `its ${type} filesystem cannot be mounted: ${error.message}`,
      hint: await hintFor(parts, error, type, log, device),
      cause: error,
    });
  } finally {
    log?.close();
  }
}

/** What the kernel log has on a device since it was opened, and what to do about the error. */
async function hintFor(
  { pool }: StorageContext,
  error: unknown,
  type: FilesystemType,
  log: KernelLog | undefined,
  device: string,
): Promise<string | undefined> {
  const lines = (log?.read() ?? []).filter((line) => line.includes(basename(device)));
  const health = await attempt(() => pool.health());
  return filesystemAdvice(error, { type, lines, health });
}

/** Do what comes after mounting, for a mount of a process that may have died before it did. */
export async function finishMount(parts: StorageContext, id: string): Promise<void> {
  const { path } = await parts.dm.info(deviceName(parts.layout, id));
  await finish(parts, id, path);
}

async function finish(parts: StorageContext, id: string, device: string): Promise<void> {
  await limitRetries(parts, id, device);
  await prepareContent(parts, id, device);
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

/** @throws StorageError ERR_STORAGE_FILESYSTEM: the filesystem was sound enough to be mounted, and cannot be written */
async function prepareContent(parts: StorageContext, id: string, device: string): Promise<void> {
  const target = mountPoint(parts.layout, id);
  const log = openKernelLog();
  try {
    // Not recursive: where mkdir(2) fails in a damaged directory, that ends in an ENOENT that says nothing.
    await unlessThere(() => mkdir(join(target, ROOTFS)));
    await unlessThere(() => finishContent(target, id));
  } catch (error) {
    const type = (await attempt(() => readFilesystemHeader(device)))?.type ?? 'ext4';
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layerWords(id),
      problem: `cannot write to its ${type} filesystem on ${device}: ${messageOf(error)}`,
      hint: await hintFor(parts, error, type, log, device),
      cause: error,
    });
  } finally {
    log?.close();
  }
}

/**
 * What follows on a new directory for the content, or on one that a process made before it died: the id is the last. The
 * mode of mkdir(2) is subject to the umask, and would become part of every layer above.
 */
async function finishContent(target: string, id: string): Promise<void> {
  const file = join(target, ID_FILE);
  await access(file).then(
    () => undefined,
    () => chmod(join(target, ROOTFS), 0o755),
  );
  await writeFile(file, id, { flag: 'wx', mode: 0o600 });
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
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
