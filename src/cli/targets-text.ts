// Targets as `status` and `table` print them.

import type { DeviceStatus } from '../dm/device-commands.ts';
import { formatLine } from '../dm/table.ts';
import { deviceRecord, type JsonRecord, targetRecord } from './records.ts';

/** A line for each target; a device without any has one all the same, with nothing in it. */
export function targetsText({ info, targets }: DeviceStatus, several: boolean): string {
  const prefix = several ? `${info.name}: ` : '';
  const lines = targets.length === 0 ? [''] : targets.map(formatLine);
  return lines.map((line) => `${prefix}${line}\n`).join('');
}

/** The device, and its targets. */
export const statusRecord = ({ info, targets }: DeviceStatus): JsonRecord => ({
  ...deviceRecord(info),
  targets: targets.map(targetRecord),
});
