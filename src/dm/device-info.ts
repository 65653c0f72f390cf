// The header of a reply as a record that says what it means.

import type { DmHeader } from './abi.ts';
import { majorOf, minorOf } from './device-number.ts';
import { DmFlag } from './flags.ts';
import { displayName, displayUuid, type Mangling } from './names.ts';
import { nodePath } from './nodes.ts';

/** Which device: the part of a `DeviceInfo` that the device list has, too. */
export interface DeviceIdentity {
  readonly name: string;
  /** The name as the kernel has it, when bytes in it had to be mangled; otherwise equal to `name`. */
  readonly mangledName: string;
  readonly uuid: string | undefined;
  /** The device number in the kernel's 64-bit form. */
  readonly dev: bigint;
  readonly major: number;
  readonly minor: number;
  /** `/dev/dm-N`: there as soon as the device has had a table. */
  readonly path: string;
}

/** The state of a device. */
export interface DeviceInfo extends DeviceIdentity {
  /** How often it is open; a mount and a device that maps onto it count one each. */
  readonly openCount: number;
  /** Counts the device's events: give it to `wait`. */
  readonly eventNr: number;
  /** Targets of the live table, or of the inactive one if that was asked for. */
  readonly targetCount: number;
  readonly suspended: boolean;
  readonly readOnly: boolean;
  /** A table serves I/O. */
  readonly live: boolean;
  /** A table is loaded and takes over at the next resume. */
  readonly inactive: boolean;
  /** It goes when its last user has gone. */
  readonly deferredRemove: boolean;
  /** Suspended by another device-mapper device. */
  readonly internallySuspended: boolean;
  /** The kernel's flags as they came. */
  readonly flags: number;
}

/** Where names and nodes are looked up. */
export interface NamingContext {
  readonly mangling: Mangling;
  readonly devDir: string;
}

/** What a name, a uuid and a device number say of a device. */
export function deviceIdentity(
  { name, uuid, dev }: { readonly name: string; readonly uuid: string; readonly dev: bigint },
  { mangling, devDir }: NamingContext,
): DeviceIdentity {
  return {
    name: displayName(name, mangling),
    mangledName: name,
    uuid: uuid === '' ? undefined : displayUuid(uuid, mangling),
    dev,
    major: majorOf(dev),
    minor: minorOf(dev),
    path: nodePath(devDir, dev),
  };
}

/** What a reply's header says of a device. State is read with masks: the kernel echoes unknown flags. */
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
