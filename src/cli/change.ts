// Commands that change devices: silent when it went well, or with --json the devices as they are now.

import type { DeviceInfo } from '../dm/device-info.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import type { DeviceRef } from '../dm/device-ref.ts';
import type { JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { deviceRecord } from './records.ts';
import { type DeviceOptions, demandDevices } from './select.ts';
import { withDeviceMapper } from './session.ts';

/** Change one device, and print its record if asked. */
export async function changeOne(
  io: Io,
  { json }: JsonOption,
  task: (dm: DeviceMapper) => Promise<DeviceInfo>,
): Promise<void> {
  const info = await withDeviceMapper(io, { threads: true }, task);
  if (json) printJson(io, deviceRecord(info));
}

/** Change the devices that are named, one after the other; the first failure is the last try. */
export async function changeEach(
  io: Io,
  names: readonly string[],
  options: DeviceOptions & JsonOption,
  task: (dm: DeviceMapper, ref: DeviceRef) => Promise<DeviceInfo>,
): Promise<void> {
  const refs = demandDevices(names, options);
  await withDeviceMapper(io, { threads: true }, async (dm) => {
    const records: unknown[] = [];
    for (const ref of refs) records.push(deviceRecord(await task(dm, ref)));
    if (options.json) printJson(io, records.length === 1 ? records[0] : records);
  });
}
