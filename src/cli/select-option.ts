// `-S`: devices by what they are, in place of their names.

import type { Command } from 'commander';
import type { DeviceInfo } from '../dm/device-info.ts';
import type { FieldSource } from './info-fields.ts';
import { readAheadOf } from './info-text.ts';
import type { Io } from './io.ts';
import { parseSelection } from './selection.ts';
import { manglingOf } from './session.ts';

/** The option. */
export interface SelectOption {
  readonly select?: string;
}

/** Add it. */
export const withSelect = (command: Command): Command =>
  command.option(
    '-S, --select <selection>',
    'the devices for which this holds: "name=~^vm && open=0"',
  );

/** Whether a device is selected; `undefined` without the option. @throws UsageError */
export function selectionOf(
  { select }: SelectOption,
  io: Io,
): ((info: DeviceInfo) => boolean) | undefined {
  if (select === undefined) return undefined;
  const holds = parseSelection(select);
  return (info) => holds(fieldSource(info, readAheadOf(info.dev, io), io));
}

/** What the fields of a device are made from. */
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
