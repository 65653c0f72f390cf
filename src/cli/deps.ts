// dmts deps

import type { Command } from 'commander';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { deviceRecord, devRecord } from './records.ts';
import { withDeviceOptions } from './select.ts';

/** `dmts deps` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'deps',
    summary: 'Print the devices that devices stand on',
    details: 'Without NAME of every device.',
    examples: ['dmts deps', 'dmts deps vol', 'dmts deps vol --json'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'look at the inactive table');
  withDeviceOptions(command).action((names: readonly string[], options: QueryOptions) =>
    runQuery(io, names, options, {
      ask: async (dm, ref) => {
        const which = { inactive: options.inactive ?? false };
        return { info: await dm.info(ref), deps: (await dm.deps(ref, which)).map(devRecord) };
      },
      text: ({ info, deps }, several) => {
        const numbers = deps.map(({ major, minor }) => ` (${major}, ${minor})`).join('');
        return `${several ? `${info.name}: ` : ''}${deps.length} dependencies\t:${numbers}\n`;
      },
      record: ({ info, deps }) => ({ ...deviceRecord(info), dependencies: deps }),
    }),
  );
}
