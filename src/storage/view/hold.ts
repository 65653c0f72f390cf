// Mounts a filesystem read-only and holds it by a descriptor. The mount does not stay in the tree. The kernel unmounts
// the filesystem when the descriptor is closed or the process ends.

import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '../../dm/device/options.ts';
import { type MountOptions, mount, unmount } from '../../ioctl/file/mount.ts';
import { isErrno, messageOf } from '../../ioctl/libc/errno.ts';
import { SyscallError } from '../../ioctl/libc/syscall-error.ts';
import { StorageError } from '../config/errors.ts';
import { kindOf } from '../directory/file-kind.ts';
import type { FilesystemType } from '../filesystem/filesystem.ts';
import { readFilesystemHeader } from '../filesystem/filesystem-header.ts';
import { ROOTFS } from '../layers/layer-mount.ts';

/** Options of a mount without replay of the journal. */
const UNREPLAYED: Readonly<Record<FilesystemType, string>> = {
  ext4: 'noload',
  xfs: 'norecovery,nouuid',
};
const PLAIN: Readonly<Record<FilesystemType, string>> = { ext4: '', xfs: 'nouuid' };

/** How a filesystem is mounted. */
export interface HoldDeviceOptions extends CallOptions {
  /** The layer, for errors. */
  readonly layer: string;
  /** The device is read-only, so the kernel refuses to replay a journal on it. */
  readonly isReadOnly: boolean;
}

/** A filesystem that a descriptor holds. */
export interface HeldFilesystem {
  /** The top directory. */
  readonly handle: FileHandle;
  /** Whether the filesystem has no changes that are only in its journal. */
  readonly replayed: boolean;
}

/**
 * Mounts the filesystem of a device on the directory `target`, holds it, and unmounts the directory. The journal is not
 * replayed.
 * @throws StorageError ERR_STORAGE_FILESYSTEM
 */
export async function holdDevice(
  device: string,
  target: string,
  { layer, isReadOnly, signal }: HoldDeviceOptions,
): Promise<HeldFilesystem> {
  const type = (await readFilesystemHeader(device))?.type;
  if (type === undefined) {
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layer,
      problem: `cannot find an ext4 or xfs filesystem on ${device}`,
    });
  }
  const how = { source: device, target, type, flags: ['ro'], ...(signal && { signal }) } as const;
  try {
    // Only on a read-only device: on a writable one, a read-only mount replays the journal.
    const handle = isReadOnly ? await holdClean({ ...how, data: PLAIN[type] }) : undefined;
    if (handle !== undefined) return { handle, replayed: true };
    return { handle: await holdMount({ ...how, data: UNREPLAYED[type] }), replayed: false };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SyscallError)) throw error;
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: layer,
      problem: `cannot mount its ${type} filesystem read-only: ${error.message}`,
      cause: error,
    });
  }
}

/** Mounts a filesystem; `undefined` if its journal must be replayed first. */
async function holdClean(options: MountOptions): Promise<FileHandle | undefined> {
  try {
    return await holdMount(options);
  } catch (error) {
    if (isErrno(error, 'EROFS', 'EACCES')) return undefined;
    throw error;
  }
}

/** Holds the mount on `source`, read-only. Reading through `source` itself would change access times. */
export async function holdBound(source: string, target: string): Promise<FileHandle> {
  return holdMount({ source, target, flags: ['bind'] }, () =>
    mount({ source: target, target, flags: ['bind', 'remount', 'ro', 'noatime'] }),
  );
}

async function holdMount(
  options: MountOptions,
  then: () => Promise<void> = async () => undefined,
): Promise<FileHandle> {
  const { target } = options;
  await mount(options);
  try {
    await then();
    return await open(target, constants.O_RDONLY | constants.O_DIRECTORY);
  } finally {
    await unmount(target, { lazy: true });
  }
}

/**
 * The path of a layer's content. @returns the empty directory `empty` for a layer that was never mounted
 * @throws StorageError ERR_STORAGE_FILESYSTEM for a link, which would lead out of the layer, and for a damaged filesystem
 */
export async function contentOf(
  { fd }: FileHandle,
  { layer, empty }: { readonly layer: string; readonly empty: string },
): Promise<string> {
  const content = join(`/proc/self/fd/${fd}`, ROOTFS);
  let got: string;
  let cause: unknown;
  try {
    const found = await lstat(content);
    if (found.isDirectory()) return content;
    got = kindOf(found);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return empty;
    got = messageOf(error);
    cause = error;
  }
  throw new StorageError({
    code: 'ERR_STORAGE_FILESYSTEM',
    subject: layer,
    problem: `invalid ${ROOTFS} in its filesystem: expected a directory, got ${got}`,
    cause,
  });
}
