// Commands that change devices. On success they print nothing, or with --json the devices' new state.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { DeviceRef } from '../../dm/wire/device-ref.ts';
import { infoText, readAheadOf } from '../select/info-text.ts';
import { type DeviceOptions, demandDevices, selectDevices } from '../select/select.ts';
import { type SelectOption, selectionOf } from '../select/select-option.ts';
import type { JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { CommandError, complain, exitStatusOf } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

/** The options of commands that change devices. */
export interface ChangeOptions extends DeviceOptions, JsonOption, SelectOption, VerboseOption {}

/** With `--verbose`, prints the changed device. */
export function printChanged(
  io: Io,
  { json, verbose }: JsonOption & VerboseOption,
  info: DeviceInfo,
): void {
  if (verbose && !json) io.stdout.write(infoText(info, readAheadOf(info.dev, io)));
}

/** Changes one device, and prints it as JSON if requested. */
export async function changeOne(
  io: Io,
  options: JsonOption & VerboseOption,
  task: (dm: DeviceMapper) => Promise<DeviceInfo>,
): Promise<void> {
  const info = await withDeviceMapper(io, { threads: true }, task);
  printChanged(io, options, info);
  if (options.json) printJson(io, deviceRecord(info));
}

/** Changes the named devices one by one, and stops at the first failure. */
export const changeEach = (
  io: Io,
  names: readonly string[],
  options: ChangeOptions,
  task: (dm: DeviceMapper, ref: DeviceRef) => Promise<DeviceInfo>,
): Promise<void> =>
  forEachDevice(io, names, options, async (dm, ref) => {
    const info = await task(dm, ref);
    printChanged(io, options, info);
    return deviceRecord(info);
  });

/**
 * Runs `task` on the named devices, and prints its results as JSON if requested. It stops at the first failure. With
 * `--select` it tries every device, as dmsetup does.
 */
export async function forEachDevice(
  io: Io,
  names: readonly string[],
  options: ChangeOptions,
  task: (dm: DeviceMapper, ref: DeviceRef) => Promise<unknown>,
): Promise<void> {
  const isSelected = selectionOf(options, io);
  const refs = (isSelected ? selectDevices : demandDevices)(names, options);
  await withDeviceMapper(io, { threads: true }, async (dm) => {
    const records: unknown[] = [];
    const failures: unknown[] = [];
    for (const ref of refs.length > 0 ? refs : (await dm.list()).map(({ dev }) => ({ dev }))) {
      try {
        if (!isSelected) records.push(await task(dm, ref));
        else if (isSelected(await dm.info(ref))) records.push(await task(dm, ref));
      } catch (error) {
        if (!isSelected || io.signal.aborted) throw error;
        complain(error, io);
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new CommandError('', exitStatusOf(failures[0]));
    if (options.json) printJson(io, records.length === 1 && !isSelected ? records[0] : records);
  });
}
