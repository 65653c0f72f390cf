// The lists of devices and target types. Source: list_devices and __list_versions in drivers/md/dm-ioctl.c.

import { align8, dmNameList, dmNameListTail, dmTargetVersions } from '../../dm/wire/abi.ts';
import { DmFlag } from '../../dm/wire/flags.ts';
import type { Device, TargetType } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import { Refused } from '../state/refused.ts';
import type { Call } from './call.ts';

const NAME_AT = 12;
const VERSION_NAME_AT = 16;
const HAS_UUID = 1;
const HAS_NO_UUID = 2;

/** Joins 8-aligned structs. Each except the last has the offset of the next one. */
function chain(records: readonly ((next: boolean) => Buffer)[]): Buffer {
  return Buffer.concat(records.map((record, i) => record(i < records.length - 1)));
}

function nameRecord(device: Device, uuids: boolean, counters: boolean, more: boolean): Buffer {
  const uuid = uuids ? device.uuid : '';
  const tail = align8(NAME_AT + device.name.length + 1);
  const uuidAt = tail + (counters ? dmNameListTail.size : 0);
  const record = Buffer.alloc(uuidAt + (uuid === '' ? 0 : align8(uuid.length + 1)));
  dmNameList.encodeInto({ dev: device.dev, next: more ? record.length : 0 }, record);
  record.write(device.name, NAME_AT, 'latin1');
  if (counters) {
    const flags = !uuids ? 0 : uuid === '' ? HAS_NO_UUID : HAS_UUID;
    dmNameListTail.encodeInto({ eventNr: device.eventNr, flags }, record, tail);
  }
  record.write(uuid, uuidAt, 'latin1');
  return record;
}

/** DM_LIST_DEVICES: since interface 4.45, name and uuid are prefixes to filter by. */
export function listDevices(kernel: Devices, call: Call): void {
  const { name, uuid } = call.param;
  const filters = kernel.since(45);
  const uuids = filters && call.has(DmFlag.UUID);
  const listed = kernel
    .all()
    .filter((device) => !filters || (device.name.startsWith(name) && device.uuid.startsWith(uuid)));
  const counters = kernel.since(37);
  call.answerWhole(
    chain(listed.map((device) => (more) => nameRecord(device, uuids, counters, more))),
  );
}

function versionRecord({ name, version }: TargetType, more: boolean): Buffer {
  const record = Buffer.alloc(align8(VERSION_NAME_AT + name.length + 1));
  dmTargetVersions.encodeInto({ next: more ? record.length : 0, version }, record);
  record.write(name, VERSION_NAME_AT, 'latin1');
  return record;
}

/** DM_LIST_VERSIONS */
export function listVersions(kernel: Devices, call: Call): void {
  const types = [...kernel.types.values()];
  call.answerWhole(chain(types.map((type) => (more) => versionRecord(type, more))));
}

/** DM_GET_TARGET_VERSION: the name is that of a target type. @throws Refused EINVAL */
export function targetVersion(kernel: Devices, call: Call): void {
  const type = kernel.types.get(call.param.name);
  if (type === undefined) throw new Refused('EINVAL', `unknown target type ${call.param.name}`);
  call.answerWhole(versionRecord(type, false));
}
