// Which loop devices serve a file, and which file serves a loop device. Source: sysfs, drivers/block/loop.c.

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isErrno } from './errno.ts';
import { loopStatus } from './loop.ts';
import { pause } from './pause.ts';

/**
 * The loop devices that `file` is attached to: the same file, whatever its names are.
 * @returns paths such as `/dev/loop3`
 * @throws Node's own error when there is no such file
 */
export async function loopsOf(file: string, sysDir = '/sys'): Promise<readonly string[]> {
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

/** How often {@link awaitDetached} looks. */
const LOOK_EVERY_MS = 10;

/**
 * Wait until no loop device serves `file`. The kernel detaches a loop device with `autoclear` some time after it has removed the
 * name of its last user: a device that goes by deferred removal is taken apart by a kernel thread.
 * @returns whether that happened within `withinMs` milliseconds
 */
export async function awaitDetached(
  file: string,
  withinMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while ((await loopsOf(file)).length > 0) {
    if (Date.now() >= deadline) return false;
    await pause(LOOK_EVERY_MS, signal);
  }
  return true;
}

/** Whether a loop device goes with whoever has it open, and no device stands on it. Source: sysfs, `holders`. */
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

/**
 * The file behind the block device `major:minor`, if that is a loop device: its path as the kernel knows it.
 * @throws RangeError when the file has been deleted or replaced, and no path leads to it any more
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
  throw new RangeError(
    `${path}: expected its backing file at ${JSON.stringify(name)}, found ${file ? 'another file' : 'none'} there`,
  );
}

/** Whether a loop device may have a file: also where sysfs has no room for a long path and answers ENAMETOOLONG. */
const isAttached = (directory: string): Promise<boolean> =>
  backingName(directory).then(
    (name) => name !== undefined,
    () => true,
  );

/** What sysfs says is behind a loop device; `undefined` for one without a file, and for what is none. */
async function backingName(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(`${directory}/loop/backing_file`, 'utf8')).replace(/\n$/, '');
  } catch (error) {
    // ENXIO: detached since its directory was looked up.
    if (isErrno(error, 'ENOENT', 'ENXIO')) return undefined;
    throw error;
  }
}
