// Which device is meant: NAME, the path of a node, --uuid, or --major and --minor.

import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { makeDev } from '../dm/device-number.ts';
import type { DeviceRef } from '../dm/device-ref.ts';
import { CommandError, ExitStatus, UsageError } from './exit-status.ts';
import { wholeNumber } from './number.ts';

const MAJOR_MAX = 4095;
const MINOR_MAX = 1_048_575;

/** Options in place of NAME. */
export interface DeviceOptions {
  readonly uuid?: string;
  readonly major?: number;
  readonly minor?: number;
}

/** Add the options in place of NAME. */
export const withDeviceOptions = (command: Command): Command =>
  command
    .option('-u, --uuid <uuid>', 'the device with this uuid')
    .option('-j, --major <number>', 'with --minor: the device number', parseMajor)
    .option('-m, --minor <number>', 'with --major: the device number', parseMinor);

/** The parser of a major number. */
export const parseMajor: (text: string) => number = wholeNumber('--major', MAJOR_MAX);

/** The parser of a minor number. */
export const parseMinor: (text: string) => number = wholeNumber('--minor', MINOR_MAX);

function refOfOptions({ uuid, major, minor }: DeviceOptions): DeviceRef | undefined {
  if (major === undefined && minor === undefined) return uuid === undefined ? undefined : { uuid };
  if (major === undefined || minor === undefined) {
    throw new UsageError('--major and --minor only make a device number together');
  }
  if (uuid !== undefined) throw new UsageError('give either --uuid or --major and --minor');
  return { dev: makeDev(major, minor) };
}

function refOfName(name: string): DeviceRef {
  if (!name.includes('/')) return { name };
  const found = statSync(name, { throwIfNoEntry: false });
  if (!found) {
    throw new CommandError(`there is no ${name}; "dmts ls" lists devices`, ExitStatus.noDevice);
  }
  if (!found.isBlockDevice()) {
    throw new UsageError(
      `${name} is no block device; give a device's name or the path of its node`,
    );
  }
  return { dev: BigInt(found.rdev) };
}

/** The devices that are named, by words or by options; none means that none is named. */
export function selectDevices(
  names: readonly string[],
  options: DeviceOptions,
): readonly DeviceRef[] {
  const byOptions = refOfOptions(options);
  if (byOptions === undefined) return names.map(refOfName);
  if (names.length > 0) {
    throw new UsageError(`the options name a device already: "${names[0]}" is one too many`);
  }
  return [byOptions];
}

/** The devices that are named, at least one. */
export function demandDevices(
  names: readonly string[],
  options: DeviceOptions,
): readonly DeviceRef[] {
  const refs = selectDevices(names, options);
  if (refs.length === 0) throw new UsageError('which device? Give its NAME; "dmts ls" lists them');
  return refs;
}

/** The one device that is named, by the first word or by options, and the words behind it. */
export function takeDevice(
  words: readonly string[],
  options: DeviceOptions,
): { readonly ref: DeviceRef; readonly rest: readonly string[] } {
  const byOptions = refOfOptions(options);
  if (byOptions !== undefined) return { ref: byOptions, rest: words };
  const [ref] = demandDevices(words.slice(0, 1), {});
  return { ref: ref!, rest: words.slice(1) };
}
