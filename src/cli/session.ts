// The device mapper for the length of one command.

import { DeviceMapper } from '../dm/device-mapper.ts';
import type { Mangling } from '../dm/names.ts';
import type { UdevOptions } from '../dm/udev.ts';
import { MANGLINGS, udevSettings } from './dmsetup-options.ts';
import { UsageError } from './exit-status.ts';
import { devDirOf, type Io } from './io.ts';

/** How names are written, as the options or the environment say. @throws UsageError */
export function manglingOf({ env, dmsetup = {} }: Io): Mangling {
  if (dmsetup.manglename !== undefined) return dmsetup.manglename;
  const mode = env['DM_DEFAULT_NAME_MANGLING_MODE'] || 'auto';
  if (MANGLINGS.includes(mode)) return mode as Mangling;
  throw new UsageError(
    `DM_DEFAULT_NAME_MANGLING_MODE: expected ${MANGLINGS.join(', ')}, got "${mode}"`,
  );
}

/** A cookie that a script made with `dmsetup udevcreatecookie`: it waits for udev itself, once for all. */
const udevOf = ({ env, dmsetup = {} }: Io): UdevOptions => ({
  ...(env['DM_UDEV_COOKIE'] && { cookie: Number(env['DM_UDEV_COOKIE']) }),
  ...udevSettings(dmsetup),
});

/**
 * Run `task` with the device mapper open. With `threads` a call that sleeps in the kernel can be interrupted
 * by Ctrl-C; a query is quicker without.
 */
export async function withDeviceMapper<T>(
  io: Io,
  options: {
    readonly threads: boolean;
    readonly udev?: UdevOptions;
    readonly mangling?: Mangling;
  },
  task: (dm: DeviceMapper) => Promise<T>,
): Promise<T> {
  const { threads, udev = udevOf(io), mangling = manglingOf(io) } = options;
  await using dm = await DeviceMapper.open({
    threads,
    devDir: devDirOf(io),
    mangling,
    udev,
    ...(io.transport && { transport: io.transport }),
  });
  return await task(dm);
}
