// dmts table

import type { Command } from 'commander';
import type { DeviceStatus } from '../../dm/device/device-commands.ts';
import { formatConcise } from '../../dm/text/concise.ts';
import { hideKeys } from '../../dm/text/secrets.ts';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { ofType, statusRecord, targetsText } from './targets-text.ts';

interface Options extends QueryOptions {
  readonly noflush?: boolean;
  readonly showkeys?: boolean;
  readonly target?: string;
  readonly concise?: boolean;
}

/** Formats all devices on one line. A device without a table has none there, and cannot be created from it. */
const conciseText = (answers: readonly DeviceStatus[]): string =>
  `${formatConcise(answers.map(({ info, targets }) => ({ ...info, table: targets })))}\n`;

/** `dmts table` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'table',
    details:
      'Without NAME it covers every device. "dmts create" accepts each line. Keys are shown as zeros.',
    examples: ['dmts table', 'dmts table vol', 'dmts table vol | dmts create copy'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'use the inactive table')
    .option('--noflush', 'do not make a target write anything first')
    .option('--showkeys', 'print keys in plain text')
    .option('--target <type>', 'only targets of this type')
    .option('--concise', 'print all devices on one line, in the format of "dmts create --concise"');
  withSelect(withDeviceOptions(command)).action((names: readonly string[], options: Options) =>
    runQuery<DeviceStatus>(io, names, options, {
      ask: async (dm, ref) => {
        const { inactive = false, noflush: noFlush = false } = options;
        const table = await dm.table(ref, { inactive, noFlush, signal: io.signal });
        const { info, targets } = ofType(table, options.target);
        return { info, targets: options.showkeys ? targets : targets.map(hideKeys) };
      },
      ...(options.concise && { whole: conciseText }),
      text: (table, several) => targetsText(table, several, options.target),
      record: statusRecord,
    }),
  );
}
