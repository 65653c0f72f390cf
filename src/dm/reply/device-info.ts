// Converts the header of a reply to a device's state.

import type { DmHeader } from '../wire/abi.ts';
import { majorOf, minorOf } from '../wire/device-number.ts';
import { DmFlag } from '../wire/flags.ts';
import { displayName, displayUuid, type Mangling } from '../wire/names.ts';
import { nodePath } from './nodes.ts';
import type { NameRecord } from './replies.ts';

/** The identity of a device: the part of `DeviceInfo` that the device list also has. */
export interface DeviceIdentity {
  readonly name: string;
  /** The kernel's name, with mangled bytes; equal to `name` if nothing is mangled. */
  readonly mangledName: string;
  readonly uuid: string | undefined;
  /** The device number in the kernel's 64-bit form. */
  readonly dev: bigint;
  readonly major: number;
  readonly minor: number;
  /** `/dev/dm-N`. It exists once the device has had a table. */
  readonly path: string;
}

/** An entry of the device list. */
export interface DeviceEntry extends DeviceIdentity {
  /** The device's event counter; 0 on kernels before interface 4.37. */
  readonly eventNr: number;
}

/** The state of a device. */
export interface DeviceInfo extends DeviceIdentity {
  /** The open count. A mount and a device above count one each. */
  readonly openCount: number;
  /** The event counter of the device, for `wait`. */
  readonly eventNr: number;
  /** The number of targets of the live table, or of the inactive one if requested. */
  readonly targetCount: number;
  readonly suspended: boolean;
  readonly readOnly: boolean;
  /** Whether the device has a live table. */
  readonly live: boolean;
  /** Whether the device has an inactive table. */
  readonly inactive: boolean;
  /** Whether the kernel removes the device when the last holder closes it. */
  readonly deferredRemove: boolean;
  /** Whether another mapped device has suspended it. */
  readonly internallySuspended: boolean;
  /** The kernel's flags, unmodified. */
  readonly flags: number;
}

/** How names are converted, and where nodes are. */
export interface NamingContext {
  readonly mangling: Mangling;
  readonly devDir: string;
}

/** The identity of a device from its header or its entry in the list. */
function deviceIdentity(
  { name, uuid, dev }: Pick<NameRecord, 'name' | 'uuid' | 'dev'>,
  { mangling, devDir }: NamingContext,
): DeviceIdentity {
  return {
    name: displayName(name, mangling),
    mangledName: name,
    uuid: uuid === undefined || uuid === '' ? undefined : displayUuid(uuid, mangling),
    dev,
    major: majorOf(dev),
    minor: minorOf(dev),
    path: nodePath(devDir, dev),
  };
}

/** An entry of the device list. The fields are listed, because a spread would double the time. */
export function deviceEntry(record: NameRecord, context: NamingContext): DeviceEntry {
  const { name, mangledName, uuid, dev, major, minor, path } = deviceIdentity(record, context);
  return { name, mangledName, uuid, dev, major, minor, path, eventNr: record.eventNr };
}

/** A device's state from the header of a reply. Flags are read with masks: the kernel echoes unknown flags. */
export function deviceInfo(header: DmHeader, context: NamingContext): DeviceInfo {
  const has = (flag: number): boolean => (header.flags & flag) !== 0;
  return {
    ...deviceIdentity(header, context),
    openCount: header.openCount,
    eventNr: header.eventNr,
    targetCount: header.targetCount,
    suspended: has(DmFlag.SUSPEND),
    readOnly: has(DmFlag.READONLY),
    live: has(DmFlag.ACTIVE_PRESENT),
    inactive: has(DmFlag.INACTIVE_PRESENT),
    deferredRemove: has(DmFlag.DEFERRED_REMOVE),
    internallySuspended: has(DmFlag.INTERNAL_SUSPEND),
    flags: header.flags,
  };
}
