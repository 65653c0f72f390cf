// Adds the parsed records to a table or a status.

import type { DeviceInfo } from '../reply/device-info.ts';
import type { DeviceStatus } from './device-commands.ts';
import type { TypedLine } from './typed-line.ts';

/** A device and its targets, as one request reads them, and the record of each target. */
export interface TypedStatus {
  readonly info: DeviceInfo;
  readonly targets: readonly TypedLine[];
}

/**
 * Parses the text of each target into its record. The target types are many modules. The function loads them on demand,
 * because a program that requests no record does not need them.
 * @param read `parseParams` for a table, `parseStatus` for a status
 * @returns the same targets with their records; the `problem` of a target is the error of its parser
 */
export async function withRecords(
  { info, targets }: DeviceStatus,
  read: 'parseParams' | 'parseStatus',
): Promise<TypedStatus> {
  const { typeLines } = await import('./parse-lines.ts');
  return { info, targets: typeLines(info.name, targets, read) };
}
