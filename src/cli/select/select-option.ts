// `-S`: selects devices by their fields instead of their names.

import type { Command } from 'commander';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { Io } from '../support/io.ts';
import { manglingOf } from '../support/session.ts';
import type { FieldSource } from './info-fields.ts';
import { readAheadOf } from './info-text.ts';
import { parseSelection } from './selection.ts';

/** The value of the option. */
export interface SelectOption {
  readonly select?: string;
}

/** Adds the option to a command. */
export const withSelect = (command: Command): Command =>
  command.option('-S, --select <selection>', 'the devices that match: "name=~^vm && open=0"');

/** The predicate of selected devices; `undefined` without the option. @throws UsageError */
export function selectionOf(
  { select }: SelectOption,
  io: Io,
): ((info: DeviceInfo) => boolean) | undefined {
  if (select === undefined) return undefined;
  const holds = parseSelection(select);
  return (info) => holds(fieldSource(info, readAheadOf(info.dev, io), io));
}

/** Collects the data behind the fields of a device. */
export const fieldSource = (
  info: DeviceInfo,
  readAhead: number | undefined,
  io: Io,
): FieldSource => ({
  info,
  readAhead,
  sysDir: io.sysDir ?? '/sys',
  mangling: manglingOf(io),
  units: 'h',
  suffix: true,
});
