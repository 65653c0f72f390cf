// The kernel logs the reason of a failed load: "device-mapper: table: 253:0: linear: Device lookup failed".

import { formatDev } from './device-number.ts';

const PREFIX = 'device-mapper: ';
/** The kernel logs this line after every failed load. It contains no reason. */
const EMPTY_WORDS = 'ioctl: error adding target to table';

/** Whether the device mapper wrote this line of the kernel log. */
export const isDeviceMappers = (line: string): boolean => line.startsWith(PREFIX);

/**
 * The reason of a failed call on `dev` from the new lines of the kernel log: the lines that name this device, else
 * all lines of the device mapper. `undefined` if there are none.
 */
export function kernelReason(
  lines: readonly string[],
  dev: bigint | undefined,
): string | undefined {
  const ours = lines
    .filter(isDeviceMappers)
    .map((line) => line.slice(PREFIX.length).trim())
    .filter((line) => line !== EMPTY_WORDS);
  const marker = dev === undefined ? undefined : `${formatDev(dev)}: `;
  const naming =
    marker === undefined ? [] : ours.filter((line) => ` ${line}`.includes(` ${marker}`));
  const chosen = naming.length > 0 ? naming : ours;
  if (chosen.length === 0) return undefined;
  return chosen.map((line) => essence(line, naming.length > 0 ? marker : undefined)).join('; ');
}

/** Strips the leading subsystem and device and the trailing errno: the caller's error has them. */
function essence(line: string, marker: string | undefined): string {
  const at = marker === undefined ? -1 : ` ${line}`.indexOf(` ${marker}`);
  const text = at === -1 ? line : line.slice(at + marker!.length);
  return text.replace(/ \(-E?[A-Z0-9]+\)$/, '');
}
