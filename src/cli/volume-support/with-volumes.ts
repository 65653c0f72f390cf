// Opens the volumes for one command.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import type { Io } from '../support/io.ts';
import { withDeviceMapper } from '../support/session.ts';

/** Runs `task` with the volumes of an existing directory open. The pool and active volumes stay active afterwards. */
export const withVolumes = <T>(
  io: Io,
  dir: string,
  task: (volumes: Volumes) => Promise<T>,
): Promise<T> =>
  withOpened(
    io,
    async (dm) => {
      // Loaded on demand: the help of all commands is faster without these modules.
      const { Volumes } = await import('../../volumes/volumes.ts');
      return Volumes.open(dm, dir, { signal: io.signal });
    },
    task,
  );

/** Runs `task` with the volumes that `open` opens. */
export const withOpened = <T>(
  io: Io,
  open: (dm: DeviceMapper) => Promise<Volumes>,
  task: (volumes: Volumes) => Promise<T>,
): Promise<T> =>
  withDeviceMapper(io, { threads: true }, async (dm) => {
    await using volumes = await open(dm);
    for (const notice of volumes.notices) io.stderr.write(`dmts: note: ${notice}\n`);
    return await task(volumes);
  });
