// Device numbers as the kernel's `new_encode_dev` packs them, zero-extended to 64 bits.

import { isDeviceNumber, isText } from '../../ioctl/input/checks.ts';
import { InputError } from './errors.ts';

const MAJOR_MAX = 4095;
/** The largest minor number. */
export const MINOR_MAX = 1_048_575;

/** Packs a device number. @throws InputError for a major above 4095 or a minor above 1048575 */
export function makeDev(major: number, minor: number): bigint {
  checkRange('major', major, MAJOR_MAX);
  checkRange('minor', minor, MINOR_MAX);
  return (BigInt(minor & ~0xff) << 12n) | (BigInt(major) << 8n) | BigInt(minor & 0xff);
}

function checkRange(field: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new InputError({ field, expected: `an integer from 0 to ${max}`, received: value });
}

/** The 32 bits of a device number that hold its major and minor number. */
function bitsOf(dev: bigint): number {
  isDeviceNumber(dev, 'dev');
  return Number(BigInt.asUintN(32, dev));
}

/** The major number of a device number. */
export const majorOf = (dev: bigint): number => (bitsOf(dev) >>> 8) & 0xfff;

/** The minor number of a device number. */
export function minorOf(dev: bigint): number {
  const bits = bitsOf(dev);
  return (bits & 0xff) | ((bits >>> 12) & 0xfff00);
}

/** Formats a device number as in tables: `'253:0'`. */
export const formatDev = (dev: bigint): string => `${majorOf(dev)}:${minorOf(dev)}`;

/** Parses a device number such as `'253:0'`. @throws InputError */
export function parseDev(text: string): bigint {
  isText(text, 'dev');
  const match = /^(\d{1,9}):(\d{1,9})$/.exec(text);
  if (!match) throw new InputError({ field: 'dev', expected: 'MAJOR:MINOR', received: text });
  return makeDev(Number(match[1]), Number(match[2]));
}
