// The options of DeviceMapper's methods.

import type { TargetInput } from '../text/table.ts';
import type { SectorsInput } from '../text/units.ts';
import type { UdevOptions } from '../udev/udev.ts';
import type { Mangling } from '../wire/names.ts';
import type { Transport } from '../wire/transport.ts';

/** The options of `DeviceMapper.open`. */
export interface OpenOptions {
  /** How names with special bytes are mangled for the kernel. @default 'auto' */
  readonly mangling?: Mangling;
  /** The directory of device nodes. @default '/dev' */
  readonly devDir?: string;
  /** Maintain the nodes in `/dev/mapper`. If false, use the `path` of a device. @default true */
  readonly nodes?: boolean;
  /** Whether and how long to wait for udev after each change. */
  readonly udev?: UdevOptions;
  /**
   * Run calls that do I/O on separate threads, so that the calling thread never waits for the kernel. A short-lived
   * program is faster without threads. @default true
   */
  readonly threads?: boolean;
  /** A replacement for the kernel: see `dmts/testing`. */
  readonly transport?: Transport;
}

/** The options of a call that can be cancelled. */
export interface CallOptions {
  /** Interrupts the call. Partial changes are rolled back. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `create`. */
export interface CreateOptions extends CallOptions {
  /** The table to load and resume. Without it the device has no table. */
  readonly table?: readonly TargetInput[];
  readonly uuid?: string | undefined;
  /** The requested minor number: `/dev/dm-MINOR`. */
  readonly minor?: number | undefined;
  /** Make the table read-only. @default false */
  readonly readOnly?: boolean;
}

/** The options of `load`. */
export interface LoadOptions extends CallOptions {
  /** Make the table read-only. @default false */
  readonly readOnly?: boolean;
}

/** The options of `remove`. */
export interface RemoveOptions extends CallOptions {
  /** How long to retry a busy device, in milliseconds: every 200 ms, and a last time at the end. @default 0 */
  readonly retryMs?: number;
  /** If the device is busy, remove it when the last holder closes it. @default false */
  readonly deferred?: boolean;
  /** First replace the table with one on which all I/O fails, so that no process blocks. @default false */
  readonly force?: boolean;
}

/** The options of `message`. */
export interface MessageOptions extends CallOptions {
  /** A sector that the addressed target serves. @default 0 */
  readonly sector?: SectorsInput;
  /**
   * Allow a message that begins with `@`, which goes to the device mapper itself (`@cancel_deferred_remove`,
   * `@stats_create`). @default false
   */
  readonly core?: boolean;
}

/** A BIOS drive geometry. */
export interface Geometry {
  /** 0 to 65535 */
  readonly cylinders: number;
  /** 0 to 255 */
  readonly heads: number;
  /** 0 to 255 */
  readonly sectors: number;
  /** The first sector, at most cylinders × heads × sectors. */
  readonly start: SectorsInput;
}

/** How a suspend, or a swap of tables, treats I/O. */
export interface SuspendOptions {
  /** Do not wait for queued I/O. @default false */
  readonly noFlush?: boolean;
  /** Do not freeze the filesystem on the device. @default false */
  readonly skipLockFs?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The options of a status query. */
export interface StatusOptions {
  /** Do not make a target commit its metadata first. @default false */
  readonly noFlush?: boolean;
  /** Query the inactive table. @default false */
  readonly inactive?: boolean;
  readonly signal?: AbortSignal | undefined;
}
