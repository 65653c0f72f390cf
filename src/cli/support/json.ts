// Prints JSON, and converts devices and targets to it. Keys may be added, but never removed.

import type { DeviceEntry, DeviceInfo } from '../../dm/reply/device-info.ts';
import type { TableLine } from '../../dm/text/table.ts';
import { formatDev, majorOf, minorOf } from '../../dm/wire/device-number.ts';
import type { Io } from './io.ts';

/** A JSON object. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** An entry of the device list. */
export const entryRecord = (entry: DeviceEntry): JsonRecord => ({
  name: entry.name,
  mangledName: entry.mangledName,
  uuid: entry.uuid,
  dev: formatDev(entry.dev),
  major: entry.major,
  minor: entry.minor,
  path: entry.path,
  eventNr: entry.eventNr,
});

/** A device with its state. */
export const deviceRecord = (info: DeviceInfo): JsonRecord => ({
  ...entryRecord(info),
  openCount: info.openCount,
  targetCount: info.targetCount,
  suspended: info.suspended,
  readOnly: info.readOnly,
  live: info.live,
  inactive: info.inactive,
  deferredRemove: info.deferredRemove,
  internallySuspended: info.internallySuspended,
});

/** A target of a table or a status. */
export const targetRecord = ({ start, length, type, params }: TableLine): JsonRecord => ({
  start,
  length,
  type,
  params,
});

/** A device number. */
export const devRecord = (dev: bigint): JsonRecord => ({
  dev: formatDev(dev),
  major: majorOf(dev),
  minor: minorOf(dev),
});

const sized = (value: bigint): number | string =>
  value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? `${value}` : Number(value);

const plain = (_: string, part: unknown): unknown =>
  typeof part === 'bigint' ? sized(part) : part === undefined ? null : part;

/** Formats a value as JSON. A bigint becomes a number if that is exact, else a string; undefined becomes null. */
export const toJson = (value: unknown): string => JSON.stringify(value, plain, 2);

/** The same on one line, for a stream of documents. */
export const toJsonLine = (value: unknown): string => JSON.stringify(value, plain);

/** Prints a value as JSON on stdout. */
export function printJson({ stdout }: Io, value: unknown): void {
  stdout.write(`${toJson(value)}\n`);
}
