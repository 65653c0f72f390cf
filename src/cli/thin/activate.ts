// dmts thin activate

import type { Command } from 'commander';
import type { Sectors } from '../../dm/text/units.ts';
import { usualName, withPool, withPoolAndId } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, printJson } from '../support/json.ts';
import { sizeInSectors } from '../support/numbers.ts';

interface Options extends JsonOption {
  readonly size: Sectors;
  readonly name?: string;
  readonly readonly?: boolean;
  readonly externalOrigin?: string;
}

/** `dmts thin activate` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'activate',
    details:
      'The name of the device is POOL-ID, unless --name is given. A thin device that is already active under any name is busy (exit status 4): two devices with one thin id would destroy the filesystem.',
    examples: [
      'dmts thin activate tank 1 --size 1g',
      'dmts thin activate tank 2 --size 1g --readonly --name old',
    ],
  });
  withPoolAndId(command)
    .requiredOption('--size <size>', 'size of the device; required', sizeInSectors('--size'))
    .option('--name <name>', 'name of the device; default POOL-ID')
    .option('-r, --readonly', 'make the device read-only')
    .option('--external-origin <device>', 'the device to read for blocks that were never written')
    .action(async (name: string, id: number, options: Options) => {
      const info = await withPool(io, name, (pool) =>
        pool.activateThin(id, {
          length: options.size,
          name: options.name ?? usualName(name, id),
          readOnly: options.readonly ?? false,
          externalOrigin: options.externalOrigin,
          signal: io.signal,
        }),
      );
      if (options.json) printJson(io, { pool: name, id, device: deviceRecord(info) });
    });
}
