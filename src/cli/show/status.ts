// dmts status

import type { Command } from 'commander';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { ofType, statusRecord, targetsText } from './targets-text.ts';

interface Options extends QueryOptions {
  readonly noflush?: boolean;
  readonly target?: string;
}

/** `dmts status` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'status',
    details:
      'Without NAME it covers every device. A thin pool commits its metadata first; use --noflush on a damaged pool.',
    examples: ['dmts status', 'dmts status --noflush pool', 'dmts status pool --json'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'use the inactive table')
    .option('--noflush', 'do not make a thin pool commit its metadata')
    .option('--target <type>', 'only targets of this type');
  withSelect(withDeviceOptions(command)).action((names: readonly string[], options: Options) =>
    runQuery(io, names, options, {
      ask: async (dm, ref) => {
        const { inactive = false, noflush: noFlush = false } = options;
        const status = await dm.status(ref, { inactive, noFlush, signal: io.signal });
        return ofType(status, options.target);
      },
      text: (status, several) => targetsText(status, several, options.target),
      record: statusRecord,
    }),
  );
}
