// A table or a status with its parsed records.

import type { DeviceInfo } from '../reply/device-info.ts';
import type { DeviceStatus } from './device-commands.ts';
import type { TypedLine } from './typed-line.ts';

/** A device and its targets at one moment, with their records. */
export interface TypedStatus {
  readonly info: DeviceInfo;
  readonly targets: readonly TypedLine[];
}

/**
 * Parses the texts. Loads the typed targets on demand: they are many modules, and a program that queries no status
 * does not need them.
 */
export async function withRecords(
  { info, targets }: DeviceStatus,
  read: 'parseParams' | 'parseStatus',
): Promise<TypedStatus> {
  const { typeLines } = await import('./typed-lines.ts');
  return { info, targets: typeLines(info.name, targets, read) };
}
