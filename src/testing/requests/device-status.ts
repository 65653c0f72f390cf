// The replies about a device. Source: __dev_status, retrieve_status and retrieve_deps in drivers/md/dm-ioctl.c.

import { align8, dmTargetDeps, dmTargetSpec } from '../../dm/wire/abi.ts';
import { DmFlag } from '../../dm/wire/flags.ts';
import type { Device, PlacedTarget, Table } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import type { Call } from './call.ts';

/** `__find_device_hash_cell`: find the device, and write its name and uuid into the reply. @throws Refused ENXIO */
export function findDevice(kernel: Devices, call: Call): Device {
  const device = kernel.select(call.param);
  call.param.name = device.name;
  call.param.uuid = device.uuid;
  call.flag(DmFlag.INACTIVE_PRESENT, device.inactive !== undefined);
  return device;
}

/** `__dev_status` */
export function deviceStatus(kernel: Devices, call: Call, device: Device): void {
  const inactive = call.has(DmFlag.QUERY_INACTIVE_TABLE);
  const asked = inactive ? device.inactive : device.live;
  call.flag(DmFlag.SUSPEND, device.suspended);
  call.flag(DmFlag.INTERNAL_SUSPEND, device.internalSuspends > 0);
  // The kernel sets this flag but never clears it: a caller's own flag is returned.
  if (device.deferredRemove) call.flag(DmFlag.DEFERRED_REMOVE, true);
  call.flag(DmFlag.ACTIVE_PRESENT, device.live !== undefined);
  const readOnly = inactive ? device.inactive?.readOnly : device.live && device.readOnly;
  call.flag(DmFlag.READONLY, readOnly ?? false);
  Object.assign(call.param, {
    dev: device.dev,
    openCount: kernel.openCount(device),
    eventNr: device.eventNr,
    targetCount: asked?.targets.length ?? 0,
  });
}

/** The table that a query requests. */
export const askedTable = (call: Call, { live, inactive }: Device): Table | undefined =>
  call.has(DmFlag.QUERY_INACTIVE_TABLE) ? inactive : live;

function textOf({ target }: PlacedTarget, call: Call): string {
  if (call.has(DmFlag.STATUS_TABLE)) return target.table();
  return call.has(DmFlag.IMA_MEASUREMENT) ? (target.ima?.() ?? '') : target.status();
}

/** `retrieve_status`: the targets that fit; `target_count` counts all of them. */
export function answerStatus(call: Call, table: Table): void {
  const room = call.resultRoom();
  const payload = Buffer.alloc(room);
  let at = 0;
  let used: number | undefined;
  call.param.targetCount = table.targets.length;
  for (const placed of table.targets) {
    const text = Buffer.from(`${textOf(placed, call)}\0`, 'latin1');
    const end = at + dmTargetSpec.size + text.length;
    // A text that fills the buffer to its last byte may be truncated.
    if (end >= room || align8(end) > room) {
      call.flag(DmFlag.BUFFER_FULL, true);
      break;
    }
    const spec = {
      sectorStart: placed.start,
      length: placed.length,
      status: 0,
      next: align8(end),
      targetType: placed.type.name,
    };
    dmTargetSpec.encodeInto(spec, payload, at);
    payload.set(text, at + dmTargetSpec.size);
    used = end;
    at = align8(end);
  }
  if (used !== undefined) call.answer(payload.subarray(0, used));
}

/** `retrieve_deps`: the devices in reverse order of their first use. */
export function answerDeps(call: Call, table: Table): void {
  const devs = [...table.opens.keys()].reverse();
  const payload = Buffer.alloc(dmTargetDeps.size + 8 * devs.length);
  dmTargetDeps.encodeInto({ count: devs.length }, payload);
  payload.set(Buffer.from(BigUint64Array.from(devs).buffer), dmTargetDeps.size);
  call.answerWhole(payload);
}
