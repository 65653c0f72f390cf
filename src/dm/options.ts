// What the methods of DeviceMapper take.

import type { Mangling } from './names.ts';
import type { TargetInput } from './table.ts';
import type { Transport } from './transport.ts';
import type { UdevOptions } from './udev.ts';
import type { SectorsInput } from './units.ts';

/** How to open the device mapper. */
export interface OpenOptions {
  /** How names with unusual bytes are written for the kernel. @default 'auto' */
  readonly mangling?: Mangling;
  /** Where device nodes are. @default '/dev' */
  readonly devDir?: string;
  /** Keep the names below `/dev/mapper` right. Without it use `path` of the device. @default true */
  readonly nodes?: boolean;
  /** Whether to wait until udev is done with each change, and for how long. */
  readonly udev?: UdevOptions;
  /**
   * Make calls that do I/O on threads of their own, so that this one never waits for the kernel. A program
   * that does one thing and ends is quicker without. @default true
   */
  readonly threads?: boolean;
  /** Something other than the kernel: see `dmts/testing`. */
  readonly transport?: Transport;
}

/** What can be cancelled. */
export interface CallOptions {
  /** Interrupts the call; what it had half done is undone. */
  readonly signal?: AbortSignal | undefined;
}

/** How to create a device. */
export interface CreateOptions extends CallOptions {
  /** Load this table and resume. Without it the device has no table yet. */
  readonly table?: readonly TargetInput[];
  readonly uuid?: string | undefined;
  /** Ask for this minor number: `/dev/dm-MINOR`. */
  readonly minor?: number | undefined;
  /** Make the table read-only. @default false */
  readonly readOnly?: boolean;
}

/** How to load a table. */
export interface LoadOptions extends CallOptions {
  /** @default false */
  readonly readOnly?: boolean;
}

/** How to remove a device. */
export interface RemoveOptions extends CallOptions {
  /** While it is busy, keep trying every 200 ms, and a last time after so many milliseconds. @default 0 */
  readonly retryMs?: number;
  /** If it is busy, let it go when its last user has gone. @default false */
  readonly deferred?: boolean;
  /** First replace its table by one on which all I/O fails, so that nothing can hang on it. @default false */
  readonly force?: boolean;
}

/** What to send a target. */
export interface MessageOptions extends CallOptions {
  /** A sector of the target that is meant. @default 0 */
  readonly sector?: SectorsInput;
  /**
   * Let a message begin with `@`: those go to the device mapper itself (`@cancel_deferred_remove`,
   * `@stats_create`). @default false
   */
  readonly core?: boolean;
}

/** A drive geometry as the BIOS saw it. */
export interface Geometry {
  /** 0 to 65535 */
  readonly cylinders: number;
  /** 0 to 255 */
  readonly heads: number;
  /** 0 to 255 */
  readonly sectors: number;
  /** First sector; not behind cylinders × heads × sectors. */
  readonly start: SectorsInput;
}
