// `-o` of `ls` and `deps`: how a device is printed.

import { readFileSync } from 'node:fs';
import { blockDeviceName } from '../../dm/device/tree.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';

/** The device number, the kernel's name (`dm-0`), or the device mapper's name if the device has one. */
export type DeviceNaming = 'devno' | 'blkdevname' | 'devname';

const NAMINGS: readonly DeviceNaming[] = ['devno', 'blkdevname', 'devname'];

/** Parses comma-separated words; the last one wins. @throws UsageError */
export function parseNaming(text: string): DeviceNaming {
  const namings = text.split(',').map((word) => NAMINGS.find((one) => one === word));
  const last = namings.at(-1);
  if (last !== undefined && !namings.includes(undefined)) return last;
  throw new UsageError(
    `invalid -o: expected one of ${NAMINGS.join(', ')}, got ${JSON.stringify(text)}`,
  );
}

/** The device's name, or `undefined` if its number is requested or it has no name. */
export function deviceName(
  dev: bigint,
  naming: DeviceNaming,
  { sysDir = '/sys' }: Io,
): string | undefined {
  if (naming === 'devno') return undefined;
  const name =
    naming === 'devname' ? mapperName(`${sysDir}/dev/block/${formatDev(dev)}`) : undefined;
  return name ?? (blockDeviceName(dev, sysDir) || undefined);
}

function mapperName(path: string): string | undefined {
  try {
    return readFileSync(`${path}/dm/name`, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}
