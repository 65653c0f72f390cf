// Mounts and unmounts a layer: its device, its filesystem, and the directory with its content. Source: Get and Put in
// daemon/graphdriver/devmapper/driver.go of moby.

import { constants } from 'node:fs';
import { lstat, mkdir, open, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CallOptions } from '../../dm/device/options.ts';
import { mount, unmount } from '../../ioctl/file/mount.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { type KernelLog, openKernelLog } from '../../ioctl/kernel/kmsg.ts';
import { isErrno, messageOf } from '../../ioctl/libc/errno.ts';
import { SyscallError } from '../../ioctl/libc/syscall-error.ts';
import { StorageError } from '../config/errors.ts';
import { splitMountOptions } from '../config/mount-options.ts';
import { whyNotWritten } from '../directory/durable-file.ts';
import { deviceName, layerWords } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';
import type { FilesystemType } from '../filesystem/filesystem.ts';
import { filesystemAdvice } from '../filesystem/filesystem-advice.ts';
import { readFilesystemHeader } from '../filesystem/filesystem-header.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, deactivateLayer } from './devices.ts';
import { mountPoint } from './mount-counts.ts';

/** The directory of a layer's content, below its mount point. */
export const ROOTFS = 'rootfs';
/** The file with the layer's id, in its filesystem. */
const ID_FILE = 'id';
/** A link in the place of the content would lead out of the layer. */
const CONTENT_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** How a layer is mounted. */
export interface MountLayerOptions extends CallOptions {
  /**
   * SELinux label of every file in the mount: `'system_u:object_r:container_file_t:s0:c1,c2'`. `''` means no label, as
   * in Docker.
   */
  readonly mountLabel?: string | undefined;
}

/** The path of a mounted layer's content. */
export const contentPath = (layout: StorageContext['layout'], id: string): string =>
  join(mountPoint(layout, id), ROOTFS);

/**
 * Mounts a layer that is not mounted.
 * @throws StorageError ERR_STORAGE_FILESYSTEM with the kernel's reason; the layer's device is deactivated again
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
    // Report the first failure. The next open of the storage cleans up the rest.
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
      problem: `cannot find an ext4 or xfs filesystem on ${device}`,
    });
  }
  const { flags, data } = splitMountOptions([
    ...(type === 'xfs' ? ['nouuid'] : []),
    ...parts.options.mountOptions,
  ]);
  // A label contains commas, so it is quoted.
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
      problem: `cannot mount its ${type} filesystem: ${error.message}`,
      hint: await hintFor(parts, error, type, log, device),
      cause: error,
    });
  } finally {
    log?.close();
  }
}

/** The lines about a device in the kernel log since `log` was opened, and the remedy for the error. */
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

/** Completes a mount of an earlier process, which may have died in the middle of it. */
export async function finishMount(parts: StorageContext, id: string): Promise<void> {
  const { path } = await parts.dm.info(deviceName(parts.layout, id));
  await finish(parts, id, path);
}

async function finish(parts: StorageContext, id: string, device: string): Promise<void> {
  await limitRetries(parts, id, device);
  await prepareContent(parts, id, device);
}

/** Sets how often xfs tries to write metadata to a full pool before it gives up. */
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
      problem: `cannot set dm.xfs_nospace_max_retries: ${(error as Error).message}`,
      cause: error,
    });
  }
}

/**
 * Creates the directory of the content. @throws StorageError ERR_STORAGE_FILESYSTEM when the mounted filesystem cannot
 * be written
 */
async function prepareContent(parts: StorageContext, id: string, device: string): Promise<void> {
  const target = mountPoint(parts.layout, id);
  const log = openKernelLog();
  try {
    // Not recursive: a recursive mkdir in a damaged directory fails with ENOENT instead of the real reason.
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
 * Sets the mode of the content directory and writes the id file, last. An existing directory without the id file is one
 * that a process created before it died. The mode of mkdir(2) is subject to the umask, and every layer above would
 * inherit it.
 */
async function finishContent(target: string, id: string): Promise<void> {
  await using content = await open(join(target, ROOTFS), CONTENT_FLAGS);
  const file = join(target, ID_FILE);
  if ((await attempt(() => lstat(file))) !== undefined) return;
  await content.chmod(0o755);
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
 * Unmounts a layer. Its device stays active. The removal of the mount point also unmounts the copies of the mount in
 * other mount namespaces, unless they are in use.
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

/** Removes the directory if it is empty. A directory that stays does no harm. */
export async function removeMountPoint(target: string): Promise<void> {
  await rmdir(target).catch(() => undefined);
}
