// The storage for the length of one command.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../../ioctl/errno.ts';
import { parseStorageOptions } from '../../storage/options.ts';
import type { DevicemapperStorage } from '../../storage/storage.ts';
import type { StorageView } from '../../storage/view.ts';
import { CommandError, ExitStatus, UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { withDeviceMapper } from '../session.ts';
import type { StoragePlace } from './words.ts';

/** Run `task` with the storage open. Its mounts and its pool stay as they are afterwards. */
export async function withStorage<T>(
  io: Io,
  place: StoragePlace,
  task: (storage: DevicemapperStorage) => Promise<T>,
): Promise<T> {
  await demandStorage(place);
  return openStorage(io, place, task);
}

function printNotices(io: Io, notices: readonly string[]): void {
  for (const notice of notices) io.stderr.write(`dmts: note: ${notice}\n`);
}

/** Run `task` with a read-only view of the storage: nothing is changed, and nothing is left active. */
export async function withView<T>(
  io: Io,
  { root, storageOptions }: StoragePlace,
  task: (view: StorageView) => Promise<T>,
): Promise<T> {
  await demandStorage({ root });
  parseStorageOptions(storageOptions);
  const { DevicemapperStorage } = await import('../../storage/storage.ts');
  const { STORAGE_UDEV: udev } = await import('../../storage/open.ts');
  return withDeviceMapper(io, { threads: true, udev }, async (dm) => {
    const options = { root, storageOptions, dm, readOnly: true } as const;
    io.signal.throwIfAborted();
    await using view = await DevicemapperStorage.open(options);
    try {
      return await task(view);
    } finally {
      printNotices(io, view.notices);
    }
  });
}

/** Run `task` with a storage open that may be made first. */
export async function withNewStorage<T>(
  io: Io,
  place: StoragePlace,
  task: (storage: DevicemapperStorage) => Promise<T>,
): Promise<T> {
  await refuseDataRoot(place);
  return openStorage(io, place, task);
}

async function openStorage<T>(
  io: Io,
  place: StoragePlace,
  task: (storage: DevicemapperStorage) => Promise<T>,
): Promise<T> {
  parseStorageOptions(place.storageOptions);
  // The help of all commands is quicker without these.
  const { DevicemapperStorage } = await import('../../storage/storage.ts');
  const { STORAGE_UDEV: udev } = await import('../../storage/open.ts');
  return withDeviceMapper(io, { threads: true, udev }, async (dm) => {
    await using storage = await DevicemapperStorage.open({ ...place, dm, signal: io.signal });
    printNotices(io, storage.notices);
    return await task(storage);
  });
}

/** Only "create" makes a storage: a directory that is mistyped must not become one. @throws CommandError, UsageError */
export async function demandStorage({ root }: Pick<StoragePlace, 'root'>): Promise<void> {
  await refuseDataRoot({ root });
  if (await isStorage(root)) return;
  throw new CommandError(
    `there is no storage in ${root}: "dmts storage create" makes one`,
    ExitStatus.noDevice,
  );
}

/** The directory above it is what Docker is configured with, and easily given by mistake. */
async function refuseDataRoot({ root }: Pick<StoragePlace, 'root'>): Promise<void> {
  const below = join(root, 'devicemapper');
  if ((await isStorage(root)) || !(await isStorage(below))) return;
  throw new UsageError(`--root: the storage is in ${below}`);
}

/** Docker before 0.12 had no directory for records, but one file. */
const isStorage = async (root: string): Promise<boolean> =>
  (await exists(join(root, 'metadata'))) || (await exists(join(root, 'devicemapper/json')));

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
