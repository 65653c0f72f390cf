// dmts table

import type { Command } from 'commander';
import { formatConcise } from '../dm/concise.ts';
import type { DeviceStatus } from '../dm/device-commands.ts';
import { hideKeys } from '../dm/secrets.ts';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { withDeviceOptions } from './select.ts';
import { withSelect } from './select-option.ts';
import { ofType, statusRecord, targetsText } from './targets-text.ts';

interface Options extends QueryOptions {
  readonly noflush?: boolean;
  readonly showkeys?: boolean;
  readonly target?: string;
  readonly concise?: boolean;
}

/** All devices on one line; one without a table has none there either, and cannot be made from it. */
const conciseText = (answers: readonly DeviceStatus[]): string =>
  `${formatConcise(answers.map(({ info, targets }) => ({ ...info, table: targets })))}\n`;

/** `dmts table` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'table',
    summary: 'Print the tables of devices',
    details:
      'Without NAME of every device. Each line can be given to "dmts create". Keys are shown as zeros.',
    examples: ['dmts table', 'dmts table vol', 'dmts table vol | dmts create copy'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'look at the inactive table')
    .option('--noflush', 'do not have a target write anything before it answers')
    .option('--showkeys', 'print keys as they are')
    .option('--target <type>', 'only targets of this type')
    .option('--concise', 'print all devices on one line, as "dmts create --concise" takes them');
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
