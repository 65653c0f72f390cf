// Targets as `status` and `table` print them.

import type { DeviceStatus } from '../dm/device-commands.ts';
import { formatLine } from '../dm/table.ts';
import { deviceRecord, type JsonRecord, targetRecord } from './records.ts';

/**
 * A line for each target; a device without any has one all the same, with nothing in it, unless one
 * type was asked for.
 */
export function targetsText(
  { info, targets }: DeviceStatus,
  several: boolean,
  type?: string | undefined,
): string {
  const prefix = several ? `${info.name}: ` : '';
  const lines = targets.length === 0 && type === undefined ? [''] : targets.map(formatLine);
  return lines.map((line) => `${prefix}${line}\n`).join('');
}

/** Only the targets of one type, as `--target` asks; all without it. */
export const ofType = (status: DeviceStatus, type: string | undefined): DeviceStatus =>
  type === undefined
    ? status
    : { ...status, targets: status.targets.filter((target) => target.type === type) };

/** The device, and its targets. */
export const statusRecord = ({ info, targets }: DeviceStatus): JsonRecord => ({
  ...deviceRecord(info),
  targets: targets.map(targetRecord),
});
