// Opens the storage for one command.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { parseStorageOptions } from '../../storage/config/options.ts';
import type { DevicemapperStorage } from '../../storage/storage.ts';
import type { StorageView } from '../../storage/view.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { withDeviceMapper } from '../support/session.ts';
import type { StoragePlace } from './words.ts';

/** Runs `task` with the storage open. Mounts and pool stay active afterwards. */
export async function withStorage<T>(
  io: Io,
  place: StoragePlace,
  task: (storage: DevicemapperStorage) => Promise<T>,
): Promise<T> {
  await demandStorage(place);
  return openStorage(io, place, task);
}

/** Prints each notice on a line of its own. */
export function printNotices(io: Io, notices: readonly string[]): void {
  for (const notice of notices) io.stderr.write(`dmts: note: ${notice}\n`);
}

/** Runs `task` with a read-only view of the storage. It changes nothing and leaves nothing active. */
export async function withView<T>(
  io: Io,
  { root, storageOptions }: StoragePlace,
  task: (view: StorageView) => Promise<T>,
): Promise<T> {
  await demandStorage({ root });
  parseStorageOptions(storageOptions);
  const { StorageView } = await import('../../storage/view.ts');
  const { STORAGE_UDEV: udev } = await import('../../storage/lifecycle/udev.ts');
  return withDeviceMapper(io, { threads: true, udev }, async (dm) => {
    io.signal.throwIfAborted();
    await using view = await StorageView.open({ root, storageOptions, dm });
    try {
      return await task(view);
    } finally {
      printNotices(io, view.notices);
    }
  });
}

/** Runs a check or a repair, which open the storage themselves. */
export async function withCheckable<T>(
  io: Io,
  { root, storageOptions }: StoragePlace,
  task: (options: {
    readonly root: string;
    readonly storageOptions: readonly string[];
    readonly dm: DeviceMapper;
    readonly signal: AbortSignal;
  }) => Promise<T>,
): Promise<T> {
  await demandStorage({ root });
  parseStorageOptions(storageOptions);
  const { STORAGE_UDEV: udev } = await import('../../storage/lifecycle/udev.ts');
  return withDeviceMapper(io, { threads: true, udev }, (dm) =>
    task({ root, storageOptions, dm, signal: io.signal }),
  );
}

/** Runs `task` with the storage open, and creates the storage if it is missing. */
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
  // Loaded on demand: the help of all commands is faster without these modules.
  const { DevicemapperStorage } = await import('../../storage/storage.ts');
  const { STORAGE_UDEV: udev } = await import('../../storage/lifecycle/udev.ts');
  return withDeviceMapper(io, { threads: true, udev }, async (dm) => {
    await using storage = await DevicemapperStorage.open({ ...place, dm, signal: io.signal });
    printNotices(io, storage.notices);
    return await task(storage);
  });
}

/**
 * Requires an existing storage. Only `create` creates one: a mistyped path must not. @throws CommandError, UsageError
 */
async function demandStorage({ root }: Pick<StoragePlace, 'root'>): Promise<void> {
  await refuseDataRoot({ root });
  if (await isStorage(root)) return;
  throw new CommandError(
    `no storage in ${root}: "dmts storage create" creates one`,
    ExitStatus.noDevice,
  );
}

/** Rejects the parent directory: it is Docker's data root, and easily given by mistake. */
async function refuseDataRoot({ root }: Pick<StoragePlace, 'root'>): Promise<void> {
  const below = join(root, 'devicemapper');
  if ((await isStorage(root)) || !(await isStorage(below))) return;
  throw new UsageError(`invalid --root: the storage is in ${below}`);
}

/** Docker before 0.12 had one file instead of a directory of records. */
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
