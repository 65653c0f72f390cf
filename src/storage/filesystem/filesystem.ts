// Filesystems of layers: choose the type, create and grow. External programs create and grow them. Source:
// devmapper/deviceset.go of moby, for the arguments.

import { mkdtemp, readFile, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallOptions } from '../../dm/device/options.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { mount, unmount } from '../../ioctl/file/mount.ts';
import { attempt, withCleanup } from '../../ioctl/input/attempt.ts';
import { StorageError } from '../config/errors.ts';
import { hasProgram, runProgram } from './program.ts';

/** The filesystem types of a base device. */
export type FilesystemType = 'ext4' | 'xfs';

/** The prefix of the directories on which growing filesystems are mounted. */
export const GROWTH_PREFIX = 'dmts-grow-';

/** A filesystem may leave this many bytes unused at the end of its device. An interrupted growth leaves more. */
export const UNUSED_TAIL: Bytes = 1024n * 1024n;
/** Any filesystem grows by so much. Source: resize2fs drops a last group that is mostly tables; xfs_growfs small groups. */
export const SURE_GROWTH: Bytes = 16n * 1024n * 1024n;

const EXT4_ARGS = ['-E', 'nodiscard,lazy_itable_init=0,lazy_journal_init=0'];

/** xfs if mkfs.xfs is installed and the kernel supports xfs, else ext4. */
export async function defaultFilesystem(): Promise<FilesystemType> {
  return hasProgram('mkfs.xfs') && (await kernelKnows('xfs')) ? 'xfs' : 'ext4';
}

/** Whether the kernel supports a filesystem type. The call loads the module if necessary. */
async function kernelKnows(type: string): Promise<boolean> {
  const target = await mkdtemp(join(tmpdir(), 'dmts-'));
  // The mount always fails: with ENODEV if the kernel lacks the filesystem, else because of the source. It loads the
  // module; /proc/filesystems then has the answer.
  await attempt(() => mount({ source: target, target, type }));
  await attempt(() => rmdir(target));
  const known = await readFile('/proc/filesystems', 'utf8');
  return known.split('\n').some((line) => line.split('\t').at(-1) === type);
}

/** Creates a filesystem on a device. @throws StorageError ERR_STORAGE_PROGRAM */
export async function makeFilesystem(
  device: string,
  type: FilesystemType,
  { args = [], signal }: CallOptions & { readonly args?: readonly string[] } = {},
): Promise<void> {
  if (type === 'xfs') await runProgram('mkfs.xfs', ['-f', '-K', ...args, device], { signal });
  else {
    await runProgram('mkfs.ext4', ['-F', ...EXT4_ARGS, ...args, device], { signal });
    // Disable the periodic checks by mounts and days.
    await runProgram('tune2fs', ['-c', '-1', '-i', '0', device], { signal });
  }
}

/**
 * Grows the filesystem on a device to the device's size. It is mounted on a private directory meanwhile.
 * @throws StorageError ERR_STORAGE_FILESYSTEM
 */
export async function growFilesystem(
  device: string,
  type: FilesystemType,
  { signal }: CallOptions = {},
): Promise<void> {
  const target = await mkdtemp(join(tmpdir(), GROWTH_PREFIX));
  const grow = async (): Promise<unknown> =>
    type === 'xfs'
      ? runProgram('xfs_growfs', [target], { signal })
      : runProgram('resize2fs', [device], { signal });
  try {
    await mount({ source: device, target, type, data: type === 'xfs' ? 'nouuid' : '' });
    await withCleanup(grow, () => unmount(target, { lazy: true }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: device,
      problem: `cannot grow its ${type} filesystem: ${(error as Error).message}`,
      cause: error,
    });
  } finally {
    await attempt(() => rmdir(target));
  }
}
