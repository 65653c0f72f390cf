// The devices, tables and targets of the model kernel.

import type { Version } from '../../dm/wire/abi.ts';
import { formatDev } from '../../dm/wire/device-number.ts';

/** A block device that tables can use: a disk or a mapped device. */
export interface BlockDevice {
  readonly dev: bigint;
  /** Current size in sectors. */
  readonly sectors: bigint;
}

/** Mode in which a table opens a device below: bit 0 for reading, bit 1 for writing. */
export type OpenMode = 1 | 2 | 3;

/** A range of a device that a target uses, as in `iterate_devices`. */
export interface Area {
  readonly on: BlockDevice;
  readonly start: bigint;
  readonly length: bigint;
}

/** The arguments of a constructor. */
export interface Construction {
  readonly device: Device;
  readonly readOnly: boolean;
  readonly length: bigint;
  readonly words: readonly string[];
  /** `dm_get_device`: look a device up and open it. @throws Refused */
  readonly open: (path: string, mode?: OpenMode) => BlockDevice;
}

/** A constructed target. */
export interface Target {
  readonly areas: readonly Area[];
  /** STATUSTYPE_TABLE */
  readonly table: () => string;
  /** STATUSTYPE_INFO */
  readonly status: () => string;
  /** STATUSTYPE_IMA */
  readonly ima?: () => string;
  /** Handles a message. @returns the reply, if any @throws Refused */
  readonly message?: (words: readonly string[]) => string | undefined;
  readonly suspend?: () => void;
  /** @throws Refused, and the device stays suspended */
  readonly preresume?: () => void;
  readonly resume?: () => void;
  readonly destroy?: () => void;
}

/** A target type. */
export interface TargetType {
  readonly name: string;
  readonly version: Version;
  /** DM_TARGET_SINGLETON: the only target of its table. */
  readonly singleton?: boolean;
  /** DM_TARGET_IMMUTABLE: only a table of the same type, or a wildcard, may replace it. */
  readonly immutable?: boolean;
  /** DM_TARGET_ALWAYS_WRITEABLE: not in a read-only table. */
  readonly alwaysWriteable?: boolean;
  /** DM_TARGET_WILDCARD: may replace an immutable target. */
  readonly wildcard?: boolean;
  /** @throws Refused */
  readonly construct: (construction: Construction) => Target;
}

/** A target and its place in the table. */
export interface PlacedTarget {
  readonly start: bigint;
  readonly length: bigint;
  readonly type: TargetType;
  readonly target: Target;
}

/** A loaded table. */
export interface Table {
  readonly targets: readonly PlacedTarget[];
  readonly readOnly: boolean;
  /** The devices that it holds open, by number, in the order of their first use. */
  readonly opens: ReadonlyMap<bigint, OpenMode>;
}

/** Size of a table in sectors. */
export const tableSize = ({ targets }: Table): bigint => {
  const last = targets.at(-1);
  return last === undefined ? 0n : last.start + last.length;
};

/** `dm_table_get_immutable_target_type`: the immutable type of a table, if any. */
export const immutableType = (table: Table | undefined): TargetType | undefined =>
  table?.targets.find(({ type }) => type.immutable)?.type;

/** `dm_table_destroy` */
export function destroyTable(table: Table | undefined): void {
  for (const { target } of table?.targets ?? []) target.destroy?.();
}

/** `struct mapped_device` and its `struct hash_cell`. */
export class Device implements BlockDevice {
  readonly minor: number;
  readonly dev: bigint;
  name: string;
  uuid: string;
  live: Table | undefined;
  inactive: Table | undefined;
  suspended = false;
  /** Number of its targets that another device has suspended. */
  internalSuspends = 0;
  eventNr = 0;
  /** Number of holders other than tables: file descriptors, mounts. */
  holds = 0;
  deferredRemove = false;
  readOnly = false;
  /** Whether `/dev/dm-N` exists: since the first table. */
  hasDisk = false;
  geometry: readonly bigint[] = [];

  constructor(identity: {
    readonly minor: number;
    readonly dev: bigint;
    readonly name: string;
    readonly uuid: string;
  }) {
    this.minor = identity.minor;
    this.dev = identity.dev;
    this.name = identity.name;
    this.uuid = identity.uuid;
  }

  get sectors(): bigint {
    return this.live === undefined ? 0n : tableSize(this.live);
  }

  /** `dm_table_event`: an event counts only if the device has a live table. */
  event(): boolean {
    if (this.live === undefined) return false;
    this.eventNr = (this.eventNr + 1) >>> 0;
    return true;
  }

  toString(): string {
    return `${this.name} (${formatDev(this.dev)})`;
  }
}
