// Opens the device mapper for one command.

import { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { UdevOptions } from '../../dm/udev/udev.ts';
import type { Mangling } from '../../dm/wire/names.ts';
import { MANGLINGS, udevSettings } from './dmsetup-options.ts';
import { UsageError } from './exit-status.ts';
import { devDirOf, type Io } from './io.ts';

/** The mangling mode from the options or the environment. @throws UsageError */
export function manglingOf({ env, dmsetup = {} }: Io): Mangling {
  if (dmsetup.manglename !== undefined) return dmsetup.manglename;
  const mode = env['DM_DEFAULT_NAME_MANGLING_MODE'] || 'auto';
  if (MANGLINGS.includes(mode)) return mode as Mangling;
  throw new UsageError(
    `invalid DM_DEFAULT_NAME_MANGLING_MODE: expected one of ${MANGLINGS.join(', ')}, got "${mode}"`,
  );
}

/** Uses a cookie that a script created with `dmsetup udevcreatecookie`. The script waits for udev itself. */
const udevOf = ({ env, dmsetup = {} }: Io): UdevOptions => ({
  ...(env['DM_UDEV_COOKIE'] && { cookie: Number(env['DM_UDEV_COOKIE']) }),
  ...udevSettings(dmsetup),
});

/**
 * Runs `task` with the device mapper open. With `threads`, Ctrl-C interrupts a call that sleeps in the kernel;
 * queries are faster without.
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
