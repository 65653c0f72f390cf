// Selects a device by NAME, the path of a node, --uuid, or --major and --minor.

import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { makeDev } from '../../dm/wire/device-number.ts';
import type { DeviceRef } from '../../dm/wire/device-ref.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import { wholeNumber } from '../support/numbers.ts';

const MAJOR_MAX = 4095;
const MINOR_MAX = 1_048_575;

/** The options that replace NAME. */
export interface DeviceOptions {
  readonly uuid?: string;
  readonly major?: number;
  readonly minor?: number;
}

/** Adds the options that replace NAME. */
export const withDeviceOptions = (command: Command): Command =>
  command
    .option('-u, --uuid <uuid>', 'the device with this uuid')
    .option('-j, --major <number>', 'major number of the device; needs --minor', parseMajor)
    .option('-m, --minor <number>', 'minor number of the device; needs --major', parseMinor);

/** Parses a major number. */
export const parseMajor: (text: string) => number = wholeNumber('--major', MAJOR_MAX);

/** Parses a minor number. */
export const parseMinor: (text: string) => number = wholeNumber('--minor', MINOR_MAX);

function refOfOptions({ uuid, major, minor }: DeviceOptions): DeviceRef | undefined {
  if (major === undefined && minor === undefined) return uuid === undefined ? undefined : { uuid };
  if (major === undefined || minor === undefined) {
    throw new UsageError('--major and --minor must be given together');
  }
  if (uuid !== undefined) throw new UsageError('--uuid excludes --major and --minor');
  return { dev: makeDev(major, minor) };
}

function refOfName(name: string): DeviceRef {
  if (!name.includes('/')) return { name };
  const found = statSync(name, { throwIfNoEntry: false });
  if (!found) {
    throw new CommandError(`${name} does not exist; "dmts ls" lists devices`, ExitStatus.noDevice);
  }
  if (!found.isBlockDevice()) {
    throw new UsageError(
      `${name} is not a block device; give a device's name or the path of its node`,
    );
  }
  return { dev: BigInt(found.rdev) };
}

/** The devices named by arguments or options; empty if none is named. */
export function selectDevices(
  names: readonly string[],
  options: DeviceOptions,
): readonly DeviceRef[] {
  const byOptions = refOfOptions(options);
  if (byOptions === undefined) return names.map(refOfName);
  if (names.length > 0) {
    throw new UsageError(`unexpected argument "${names[0]}": the options already name a device`);
  }
  return [byOptions];
}

/** The named devices. @throws UsageError if none is named */
export function demandDevices(
  names: readonly string[],
  options: DeviceOptions,
): readonly DeviceRef[] {
  const refs = selectDevices(names, options);
  if (refs.length === 0)
    throw new UsageError('missing NAME of the device; "dmts ls" lists devices');
  return refs;
}

/** The device named by the first argument or by options, and the remaining arguments. */
export function takeDevice(
  words: readonly string[],
  options: DeviceOptions,
): { readonly ref: DeviceRef; readonly rest: readonly string[] } {
  const byOptions = refOfOptions(options);
  if (byOptions !== undefined) return { ref: byOptions, rest: words };
  const [ref] = demandDevices(words.slice(0, 1), {});
  return { ref: ref!, rest: words.slice(1) };
}
