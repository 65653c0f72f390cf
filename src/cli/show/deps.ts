// dmts deps

import type { Command } from 'commander';
import { majorOf, minorOf } from '../../dm/wire/device-number.ts';
import { type DeviceNaming, deviceName, parseNaming } from '../select/device-name-option.ts';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, devRecord } from '../support/json.ts';
import { type QueryOptions, runQuery } from './query.ts';

interface Options extends QueryOptions {
  readonly options?: DeviceNaming;
}

const deviceText = (dev: bigint, naming: DeviceNaming, io: Io): string =>
  deviceName(dev, naming, io) ?? `${majorOf(dev)}, ${minorOf(dev)}`;

/** `dmts deps` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'deps',
    details: 'Without NAME it covers every device.',
    examples: ['dmts deps', 'dmts deps vol', 'dmts deps vol --json'],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'use the inactive table')
    .option(
      '-o, --options <what>',
      'how to name devices: devno by number, blkdevname as dm-0 or loop0, devname by device-mapper name',
      parseNaming,
    );
  withSelect(withDeviceOptions(command)).action((names: readonly string[], options: Options) =>
    runQuery(io, names, options, {
      ask: async (dm, ref) => {
        const which = { inactive: options.inactive ?? false };
        return { info: await dm.info(ref), deps: await dm.deps(ref, which) };
      },
      text: ({ info, deps }, several) => {
        const shown = deps.map((dev) => ` (${deviceText(dev, options.options ?? 'devno', io)})`);
        return `${several ? `${info.name}: ` : ''}${deps.length} dependencies\t:${shown.join('')}\n`;
      },
      record: ({ info, deps }) => ({ ...deviceRecord(info), dependencies: deps.map(devRecord) }),
    }),
  );
}
