// What the model kernel knows of a device, its tables and their targets.

import type { Version } from '../../dm/abi.ts';
import { formatDev } from '../../dm/device-number.ts';

/** A block device that tables can stand on: a disk, or a device-mapper device. */
export interface BlockDevice {
  readonly dev: bigint;
  /** Its size now, in sectors. */
  readonly sectors: bigint;
}

/** How a table opens a device below it: bit 0 to read, bit 1 to write. */
export type OpenMode = 1 | 2 | 3;

/** A stretch of a device that a target reads and writes: what `iterate_devices` goes over. */
export interface Area {
  readonly on: BlockDevice;
  readonly start: bigint;
  readonly length: bigint;
}

/** What a constructor is called with. */
export interface Construction {
  readonly device: Device;
  readonly readOnly: boolean;
  readonly length: bigint;
  readonly words: readonly string[];
  /** `dm_get_device`: look a device up and open it. @throws Refused */
  readonly open: (path: string, mode?: OpenMode) => BlockDevice;
}

/** A target that its constructor made. */
export interface Target {
  readonly areas: readonly Area[];
  /** STATUSTYPE_TABLE */
  readonly table: () => string;
  /** STATUSTYPE_INFO */
  readonly status: () => string;
  /** STATUSTYPE_IMA */
  readonly ima?: () => string;
  /** A message; its answer, if it gives one. @throws Refused */
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
  /** DM_TARGET_SINGLETON: alone in its table. */
  readonly singleton?: boolean;
  /** DM_TARGET_IMMUTABLE: only a table of the same type, or a wildcard, may replace it. */
  readonly immutable?: boolean;
  /** DM_TARGET_ALWAYS_WRITEABLE: not in a read-only table. */
  readonly alwaysWriteable?: boolean;
  /** DM_TARGET_WILDCARD: may replace an immutable one. */
  readonly wildcard?: boolean;
  /** @throws Refused */
  readonly construct: (construction: Construction) => Target;
}

/** A target in its place. */
export interface PlacedTarget {
  readonly start: bigint;
  readonly length: bigint;
  readonly type: TargetType;
  readonly target: Target;
}

/** A table that has been loaded. */
export interface Table {
  readonly targets: readonly PlacedTarget[];
  readonly readOnly: boolean;
  /** The devices it holds open, by number, in the order they were first named. */
  readonly opens: ReadonlyMap<bigint, OpenMode>;
}

/** Where a table ends. */
export const tableSize = ({ targets }: Table): bigint => {
  const last = targets.at(-1);
  return last === undefined ? 0n : last.start + last.length;
};

/** The immutable type of a table, if it has one: `dm_table_get_immutable_target_type`. */
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
  /** How many of its targets another device has suspended. */
  internalSuspends = 0;
  eventNr = 0;
  /** Openers that are not tables: file descriptors, mounts. */
  holds = 0;
  deferredRemove = false;
  readOnly = false;
  /** Whether there is a `/dev/dm-N`: from the first table on. */
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

  /** `dm_table_event`: an event counts only while there is a live table. */
  event(): boolean {
    if (this.live === undefined) return false;
    this.eventNr = (this.eventNr + 1) >>> 0;
    return true;
  }

  toString(): string {
    return `${this.name} (${formatDev(this.dev)})`;
  }
}
