// Formats a device like `dmsetup info`.

import { readFileSync } from 'node:fs';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import type { Io } from '../support/io.ts';

const SECTORS_PER_KB = 2;

/** Reads the read-ahead in sectors. `undefined` for a device that never had a table, and so has no queue. */
export function readAheadOf(
  dev: bigint,
  { sysDir = '/sys' }: Pick<Io, 'sysDir'>,
): number | undefined {
  try {
    const text = readFileSync(`${sysDir}/dev/block/${formatDev(dev)}/bdi/read_ahead_kb`, 'utf8');
    return Number(text) * SECTORS_PER_KB;
  } catch {
    return undefined;
  }
}

/** The lines of a device, followed by an empty line. */
export function infoText(info: DeviceInfo, readAhead: number | undefined): string {
  return [
    `Name:              ${info.name}`,
    `State:             ${stateOf(info)}`,
    ...(readAhead === undefined ? [] : [`Read Ahead:        ${readAhead}`]),
    `Tables present:    ${tablesOf(info)}`,
    `Open count:        ${info.openCount}`,
    `Event number:      ${info.eventNr}`,
    `Major, minor:      ${info.major}, ${info.minor}`,
    `Number of targets: ${info.targetCount}`,
    ...(info.uuid === undefined ? [] : [`UUID: ${info.uuid}`]),
    '\n',
  ].join('\n');
}

const stateOf = ({ suspended, readOnly, deferredRemove }: DeviceInfo): string =>
  [
    suspended ? 'SUSPENDED' : 'ACTIVE',
    readOnly ? ' (READ-ONLY)' : '',
    deferredRemove ? ' (DEFERRED REMOVE)' : '',
  ].join('');

const tablesOf = ({ live, inactive }: DeviceInfo): string =>
  [live ? 'LIVE' : '', inactive ? 'INACTIVE' : ''].filter((word) => word !== '').join(' & ') ||
  'None';
