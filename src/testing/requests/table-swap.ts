// Suspends and resumes; a resume can swap the tables. Source: do_suspend and do_resume in drivers/md/dm-ioctl.c;
// dm_suspend, dm_swap_table and dm_resume in drivers/md/dm.c.

import { DmFlag } from '../../dm/wire/flags.ts';
import { type Device, destroyTable, type Table, tableSize } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { demand } from '../state/refused.ts';
import type { Call } from './call.ts';
import { deviceStatus, findDevice } from './device-status.ts';
import { checkAreas } from './table-rules.ts';

/** DM_DEV_SUSPEND */
export async function suspendOrResume(kernel: Devices, call: Call): Promise<void> {
  const device = findDevice(kernel, call);
  const suspends = call.has(DmFlag.SUSPEND);
  // A change of a device that another device has suspended waits for the end of that suspension.
  const changes = suspends ? !device.suspended : device.suspended || device.inactive !== undefined;
  if (changes) {
    const result = await kernel.waiters.wait(() => device.internalSuspends === 0, call.signal);
    demand(result === 'done', 'interrupted', 'EINTR');
  }
  if (suspends) suspend(device);
  else resume(kernel, call, device);
  deviceStatus(kernel, call, device);
}

function suspend(device: Device): void {
  if (device.suspended) return;
  device.suspended = true;
  for (const { target } of device.live?.targets ?? []) target.suspend?.();
}

function resume(kernel: Devices, call: Call, device: Device): void {
  const table = device.inactive;
  device.inactive = undefined;
  call.flag(DmFlag.INACTIVE_PRESENT, false);
  if (table === undefined) {
    letRun(call, device);
    return;
  }
  suspend(device);
  const old = swap(kernel, device, table);
  try {
    letRun(call, device);
  } finally {
    destroyTable(old);
    kernel.closed();
  }
}

/** `dm_swap_table`: a table that does not fit is destroyed, and the device stays suspended. */
function swap(kernel: Devices, device: Device, table: Table): Table | undefined {
  const old = device.live;
  try {
    checkAreas(table);
  } catch (error) {
    destroyTable(table);
    kernel.closed();
    throw error;
  }
  if (device.sectors !== tableSize(table)) device.geometry = [];
  device.live = table;
  device.readOnly = table.readOnly;
  kernel.globalEvent();
  return old;
}

/** `dm_resume`: if a target fails, the device stays suspended with its new table. */
function letRun(call: Call, device: Device): void {
  if (!device.suspended) return;
  const { live } = device;
  demand(live !== undefined, 'no table to resume');
  const targets = live!.targets.map(({ target }) => target);
  for (const target of targets) target.preresume?.();
  for (const target of targets) target.resume?.();
  device.suspended = false;
  call.flag(DmFlag.UEVENT_GENERATED, true);
}
