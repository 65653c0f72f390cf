// Commands that create, change and remove devices. Source: drivers/md/dm-ioctl.c.

import { DM_HEADER_MIN, DM_NAME_LEN, DM_UUID_LEN } from '../../dm/wire/abi.ts';
import { minorOf } from '../../dm/wire/device-number.ts';
import { DmFlag } from '../../dm/wire/flags.ts';
import { destroyTable } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { demand, Refused } from '../state/refused.ts';
import type { Call } from './call.ts';
import { deviceStatus, findDevice } from './device-status.ts';
import { buildTable, checkAreas, checkReplacement, sentTargets } from './table-rules.ts';

/** `check_name`; Linux 6.1 rejects the slash only. @throws Refused */
function checkName(kernel: Devices, name: string): void {
  const reserved = kernel.since(48) && ['.', '..', 'control'].includes(name);
  demand(!name.includes('/') && !reserved, 'device name cannot be used');
}

/** The NUL-terminated string after the header. @throws Refused */
function sentString({ request, param }: Call): string {
  const from = param.dataStart;
  const nul = request.indexOf(0, from);
  demand(from >= DM_HEADER_MIN && nul !== -1, 'no string');
  return request.toString('latin1', from, nul);
}

/** DM_DEV_CREATE */
export function create(kernel: Devices, call: Call): void {
  const { name, uuid, dev } = call.param;
  checkName(kernel, name);
  const minor = call.has(DmFlag.PERSISTENT_DEV) ? minorOf(dev) : undefined;
  const device = kernel.create(name, uuid, minor);
  call.flag(DmFlag.INACTIVE_PRESENT, false);
  deviceStatus(kernel, call, device);
}

/** DM_DEV_REMOVE: the reply has only flags, name and uuid of the device. */
export function remove(kernel: Devices, call: Call): void {
  const device = findDevice(kernel, call);
  const deferred = call.has(DmFlag.DEFERRED_REMOVE);
  if (kernel.openCount(device) > 0) {
    demand(deferred, 'unable to remove open device', 'EBUSY');
    device.deferredRemove = true;
    return;
  }
  kernel.remove(device);
  call.flag(DmFlag.DEFERRED_REMOVE, false);
  call.flag(DmFlag.UEVENT_GENERATED, device.hasDisk);
}

/** DM_REMOVE_ALL: remove the first device that is not open, until none is left. */
export function removeAll(kernel: Devices, call: Call): void {
  for (;;) {
    const open = kernel.all().filter((device) => kernel.openCount(device) > 0);
    if (call.has(DmFlag.DEFERRED_REMOVE)) for (const device of open) device.deferredRemove = true;
    const next = kernel.all().find((device) => !open.includes(device));
    if (next === undefined) break;
    kernel.remove(next);
  }
  call.param.dataSize = 0;
}

/** DM_DEV_RENAME: the request selects the device by name only; the reply has the old name and no uuid. */
export function rename(kernel: Devices, call: Call): void {
  const to = sentString(call);
  const uuid = call.has(DmFlag.UUID);
  const max = (uuid ? DM_UUID_LEN : DM_NAME_LEN) - 1;
  demand(to.length > 0 && to.length <= max, 'invalid new name or uuid');
  if (!uuid) checkName(kernel, to);
  const taken = uuid ? kernel.byUuid(to) : kernel.byName(to);
  demand(taken === undefined, 'in use', 'EBUSY');
  const device = kernel.byName(call.param.name);
  if (device === undefined) throw new Refused('ENXIO', 'no such device');
  demand(!uuid || device.uuid === '', 'uuid is already set');
  if (uuid) device.uuid = to;
  else device.name = to;
  kernel.event(device);
  call.flag(DmFlag.UEVENT_GENERATED, device.hasDisk);
  deviceStatus(kernel, call, device);
}

/** DM_TABLE_LOAD: only for the first table of a device, the kernel checks whether it fits the devices below. */
export function load(kernel: Devices, call: Call): void {
  const device = findDevice(kernel, call);
  const { dataStart, targetCount } = call.param;
  const lines = sentTargets(kernel, call.request, dataStart, targetCount);
  const table = buildTable(kernel, device, lines, call.has(DmFlag.READONLY));
  try {
    checkReplacement(device.live, table);
    if (!device.hasDisk) checkAreas(table);
  } catch (error) {
    destroyTable(table);
    throw error;
  }
  const old = device.inactive;
  device.inactive = table;
  device.hasDisk = true;
  call.flag(DmFlag.INACTIVE_PRESENT, true);
  deviceStatus(kernel, call, device);
  destroyTable(old);
  kernel.closed();
}

/** DM_TABLE_CLEAR */
export function clear(kernel: Devices, call: Call): void {
  const device = findDevice(kernel, call);
  const old = device.inactive;
  const opens = kernel.openCount(device);
  device.inactive = undefined;
  call.flag(DmFlag.INACTIVE_PRESENT, false);
  deviceStatus(kernel, call, device);
  // The old table is destroyed afterwards. It may have been on the device itself.
  call.param.openCount = opens;
  destroyTable(old);
  kernel.closed();
}

/** DM_DEV_SET_GEOMETRY: cylinders, heads, sectors and a start sector within them. */
export function setGeometry(kernel: Devices, call: Call): void {
  const device = findDevice(kernel, call);
  const words = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(sentString(call));
  demand(words !== null, 'unable to interpret geometry settings');
  const numbers = words!.slice(1).map(BigInt);
  const [cylinders, heads, sectors, start] = numbers as [bigint, bigint, bigint, bigint];
  demand(cylinders <= 65_535n && heads <= 255n && sectors <= 255n, 'geometry exceeds its range');
  demand(start <= cylinders * heads * sectors, 'start sector is beyond the geometry limits');
  device.geometry = numbers;
  call.param.dataSize = 0;
}
