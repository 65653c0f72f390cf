// The arguments that select a pool and a thin device, the pool itself, and `--timeout`.

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { ThinPool } from '../../thin/pool/pool.ts';
import { PoolView } from '../../thin/pool/view.ts';
import type { Io } from '../support/io.ts';
import { wholeNumber } from '../support/numbers.ts';
import { withDeviceMapper } from '../support/session.ts';

/** Opens the active pool `name`, and runs `task`, which may change the pool. @throws PoolError, the error of `task` */
export const withPool = <T>(
  io: Io,
  name: string,
  task: (pool: ThinPool, dm: DeviceMapper) => Promise<T>,
): Promise<T> =>
  withDeviceMapper(io, { threads: true }, async (dm) => task(await ThinPool.open(dm, name), dm));

/** Opens a view of the active pool `name`, and runs `task`, which only reads. @throws PoolError, the error of `task` */
export const withView = <T>(
  io: Io,
  name: string,
  task: (view: PoolView) => Promise<T>,
): Promise<T> =>
  withDeviceMapper(io, { threads: false }, async (dm) => task(await viewOf(dm, name, io)));

/** Opens a view of the active pool `name`. @throws PoolError ERR_POOL_NOT_ACTIVE */
export const viewOf = (dm: DeviceMapper, name: string, io: Io): Promise<PoolView> =>
  PoolView.open(dm, name, placesOf(io));

/** Opens a view of each active pool. */
export const allViews = (dm: DeviceMapper, io: Io): Promise<readonly PoolView[]> =>
  PoolView.all(dm, placesOf(io));

const placesOf = ({ sysDir }: Io): { readonly sysDir?: string } =>
  sysDir === undefined ? {} : { sysDir };

const MS = 1000;
const DAY = 86_400;
const parseSeconds = wholeNumber('--timeout', DAY);

/** Parses the value of `--timeout`, in seconds. @returns milliseconds @throws UsageError */
export const parseTimeout = (text: string): number => parseSeconds(text) * MS;

const ID_MAX = 2 ** 24 - 1;

/** Parses a thin id. */
export const parseId: (text: string) => number = wholeNumber('ID', ID_MAX);

/** Adds the arguments POOL and ID. */
export const withPoolAndId = (command: Command): Command =>
  command.argument('<pool>', 'name of the pool').argument('<id>', 'thin id of the device', parseId);

/** The default name of an active thin device. */
export const usualName = (pool: string, id: number): string => `${pool}-${id}`;
