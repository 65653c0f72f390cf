// dmts status

import type { Command } from 'commander';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { withDeviceOptions } from './select.ts';
import { statusRecord, targetsText } from './targets-text.ts';

interface Options extends QueryOptions {
  readonly noflush?: boolean;
}

/** `dmts status` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'status',
    summary: 'Print the status of the targets of devices',
    details:
      'Without NAME of every device. A thin pool commits its metadata first: on one that is out of order use --noflush.',
    examples: ['dmts status', 'dmts status --noflush pool', 'dmts status pool --json'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'look at the inactive table')
    .option('--noflush', 'do not have a thin pool commit its metadata');
  withDeviceOptions(command).action((names: readonly string[], options: Options) =>
    runQuery(io, names, options, {
      ask: (dm, ref) =>
        dm.status(ref, {
          inactive: options.inactive ?? false,
          noFlush: options.noflush ?? false,
          signal: io.signal,
        }),
      text: targetsText,
      record: statusRecord,
    }),
  );
}
