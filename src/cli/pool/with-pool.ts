// Finds the pool of a command.

import type { DeviceMapper } from '../../dm/device-mapper.ts';
import { isDmError } from '../../dm/errors.ts';
import { type PoolHandle, poolTable } from '../../thin/handle.ts';
import { ThinPool } from '../../thin/pool.ts';
import type { Io } from '../io.ts';
import { wholeNumber } from '../number.ts';
import { withDeviceMapper } from '../session.ts';

/** Runs `task`, which may change the pool, with the active pool `name`. */
export const withPool = <T>(
  io: Io,
  name: string,
  task: (pool: ThinPool, dm: DeviceMapper) => Promise<T>,
): Promise<T> =>
  withDeviceMapper(io, { threads: true }, async (dm) => task(await ThinPool.open(dm, name), dm));

/** Finds the active pool `name` for reading. Leaves a suspended pool suspended. */
export async function findPool(dm: DeviceMapper, name: string): Promise<PoolHandle> {
  const { info } = await poolTable({ dm, name });
  return { dm, name: info.name, dev: info.dev, path: info.path };
}

/** The names of all active pools. Skips a device that is removed in the meantime. */
export async function poolNames(dm: DeviceMapper): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { dev, name } of await dm.list()) {
    try {
      const { targets } = await dm.table({ dev }, { noFlush: true });
      if (targets.length === 1 && targets[0]!.type === 'thin-pool') names.push(name);
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  return names;
}

const MS = 1000;
const DAY = 86_400;
const parseSeconds = wholeNumber('--timeout', DAY);

/** Parses `--timeout SECONDS` to milliseconds. */
export const parseTimeout = (text: string): number => parseSeconds(text) * MS;
