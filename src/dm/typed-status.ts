// A table or a status with the records that its texts are.

import type { DeviceStatus } from './device-commands.ts';
import type { DeviceInfo } from './device-info.ts';
import type { TypedLine } from './typed-lines.ts';

/** A device and its targets at the same moment, with their records. */
export interface TypedStatus {
  readonly info: DeviceInfo;
  readonly targets: readonly TypedLine[];
}

/**
 * Read the texts. The typed targets are many files, and a program that asks for no status needs none of
 * them: they are loaded here.
 */
export async function withRecords(
  { info, targets }: DeviceStatus,
  read: 'parseParams' | 'parseStatus',
): Promise<TypedStatus> {
  const { typeLines } = await import('./typed-lines.ts');
  return { info, targets: typeLines(info.name, targets, read) };
}
