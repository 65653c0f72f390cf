// dmts measure

import type { Command } from 'commander';
import type { DeviceStatus } from '../../dm/device/device-commands.ts';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { statusRecord, targetsText } from './targets-text.ts';

/** `dmts measure` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'measure',
    details: 'Without NAME it covers every device. It triggers no measurement.',
    examples: ['dmts measure', 'dmts measure vol --json'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'use the inactive table');
  withSelect(withDeviceOptions(command)).action((names: readonly string[], options: QueryOptions) =>
    runQuery<DeviceStatus>(io, names, options, {
      ask: (dm, ref) => dm.ima(ref, { inactive: options.inactive ?? false, signal: io.signal }),
      text: targetsText,
      record: statusRecord,
    }),
  );
}
