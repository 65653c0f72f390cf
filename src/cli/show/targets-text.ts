// Formats targets for `status` and `table`.

import type { DeviceStatus } from '../../dm/device/device-commands.ts';
import { formatLine } from '../../dm/text/table.ts';
import { deviceRecord, type JsonRecord, targetRecord } from '../support/json.ts';

/**
 * One line per target. A device without targets has one empty line, unless a type was requested.
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

/** Keeps the targets of one type, for `--target`; keeps all without a type. */
export const ofType = (status: DeviceStatus, type: string | undefined): DeviceStatus =>
  type === undefined
    ? status
    : { ...status, targets: status.targets.filter((target) => target.type === type) };

/** The JSON form of a device with its targets. */
export const statusRecord = ({ info, targets }: DeviceStatus): JsonRecord => ({
  ...deviceRecord(info),
  targets: targets.map(targetRecord),
});
