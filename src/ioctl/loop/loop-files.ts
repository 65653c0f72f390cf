// Finds the loop devices of a file, and the file of a loop device. Source: sysfs, drivers/block/loop.c.

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isPath } from '../input/checks.ts';
import { pause } from '../input/pause.ts';
import { errnoNumber, isErrno } from '../libc/errno.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { loopStatus } from './loop.ts';

/**
 * The loop devices to which `file` is attached, under any of its names.
 * @returns paths such as `/dev/loop3`
 * @param sysDir where sysfs is mounted
 * @throws InputError; Node's own error if the file does not exist
 */
export async function loopsOf(file: string, sysDir = '/sys'): Promise<readonly string[]> {
  isPath(file, 'file');
  isPath(sysDir, 'sysDir');
  const { dev, ino } = await stat(file, { bigint: true });
  const names = (await readdir(`${sysDir}/block`)).filter((name) => /^loop\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      if (!(await isAttached(`${sysDir}/block/${name}`))) return [];
      const path = `/dev/${name}`;
      const status = await statusOrGone(path);
      return status?.backingDevice === dev && status.backingInode === ino ? [path] : [];
    }),
  );
  return found.flat();
}

/** Poll interval of {@link awaitDetached}, in milliseconds. */
const LOOK_EVERY_MS = 10;

/**
 * Waits until `file` is attached to no loop device. The kernel detaches a loop device with `autoclear` some time after
 * the name of its last holder has gone: a kernel thread carries out a deferred removal.
 * @returns whether that happened within `withinMs` milliseconds
 */
export async function awaitDetached(
  file: string,
  withinMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while ((await loopsOf(file)).length > 0) {
    if (performance.now() >= deadline) return false;
    await pause(LOOK_EVERY_MS, signal);
  }
  return true;
}

/** Whether a loop device detaches at its last close and no device above uses it. Source: sysfs, `holders`. */
export async function isTransient(loop: string, sysDir = '/sys'): Promise<boolean> {
  const status = await statusOrGone(loop);
  if (status === undefined) return true;
  const holders = await readdir(`${sysDir}/block/${basename(loop)}/holders`);
  return status.autoclear && holders.length === 0;
}

async function statusOrGone(path: string) {
  try {
    return await loopStatus(path);
  } catch (error) {
    if (isErrno(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/** What the kernel adds to the path of a deleted file. */
const DELETED = ' (deleted)';

/**
 * The path of the file attached to the block device `major:minor`, as the kernel reports it; `undefined` for a device
 * other than a loop device.
 * @throws SyscallError ENOENT if the file was deleted, ESTALE if another file has its path
 */
export async function fileOfLoop(device: string, sysDir = '/sys'): Promise<string | undefined> {
  const directory = `${sysDir}/dev/block/${device}`;
  const name = await backingName(directory);
  if (name === undefined) return undefined;
  const path = `/dev/${basename(await realpath(directory))}`;
  const { backingDevice, backingInode } = await loopStatus(path);
  const file = await stat(name, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  });
  if (file?.dev === backingDevice && file.ino === backingInode) return name;
  const isDeleted = name.endsWith(DELETED);
  throw new SyscallError({
    syscall: 'stat',
    errno: errnoNumber(file === undefined ? 'ENOENT' : 'ESTALE'),
    path: isDeleted ? name.slice(0, -DELETED.length) : name,
    hint: isDeleted
      ? `The file of ${path} was deleted. Its data is lost when the loop device is detached: copy ${path} first`
      : `${path} has the file of that path in another mount namespace, or the file was replaced`,
  });
}

/** Whether a loop device may have a file. For a long path sysfs fails with ENAMETOOLONG, which also means a file. */
const isAttached = (directory: string): Promise<boolean> =>
  backingName(directory).then(
    (name) => name !== undefined,
    () => true,
  );

/** The backing file in sysfs; `undefined` for a loop device without a file and for other devices. */
async function backingName(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(`${directory}/loop/backing_file`, 'utf8')).replace(/\n$/, '');
  } catch (error) {
    // ENXIO: detached after the lookup of its directory.
    if (isErrno(error, 'ENOENT', 'ENXIO')) return undefined;
    throw error;
  }
}
