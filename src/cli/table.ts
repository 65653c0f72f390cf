// dmts table

import type { Command } from 'commander';
import { hideKeys } from '../dm/secrets.ts';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { withDeviceOptions } from './select.ts';
import { statusRecord, targetsText } from './targets-text.ts';

interface Options extends QueryOptions {
  readonly noflush?: boolean;
  readonly showkeys?: boolean;
}

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
    .option('--showkeys', 'print keys as they are');
  withDeviceOptions(command).action((names: readonly string[], options: Options) =>
    runQuery(io, names, options, {
      ask: async (dm, ref) => {
        const { inactive = false, noflush: noFlush = false } = options;
        const { info, targets } = await dm.table(ref, { inactive, noFlush, signal: io.signal });
        return { info, targets: options.showkeys ? targets : targets.map(hideKeys) };
      },
      text: targetsText,
      record: statusRecord,
    }),
  );
}
