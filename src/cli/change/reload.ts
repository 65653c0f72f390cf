// dmts reload

import type { Command } from 'commander';
import { type DeviceOptions, takeDevice, withDeviceOptions } from '../select/select.ts';
import { namingHoldersBelow } from '../support/busy.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { changeOne } from './change.ts';
import { readTable } from './table-input.ts';

interface Options extends DeviceOptions, JsonOption, VerboseOption {
  readonly table?: string;
  readonly readonly?: boolean;
}

/** `dmts reload` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'reload',
    usage: '[options] NAME [FILE]',
    details:
      'The table becomes live at the next "dmts resume"; "dmts clear" drops it. It comes from --table, from FILE or from stdin.',
    examples: [
      'dmts reload vol --table "0 409600 linear /dev/sdb 0"; dmts resume vol',
      'dmts reload vol new-table.txt',
    ],
  })
    .argument('[words...]')
    .option('--table <table>', 'the table, as text')
    .option('-r, --readonly', 'make the table read-only');
  withDeviceOptions(command).action(async (words: readonly string[], options: Options) => {
    const { ref, rest } = takeDevice(words, options);
    const [file, ...more] = rest;
    if (more.length > 0)
      throw new UsageError(`unexpected argument "${more[0]}": expected NAME [FILE]`);
    const targets = await readTable(io, { table: options.table, file });
    const readOnly = options.readonly ?? false;
    await changeOne(io, options, (dm) =>
      namingHoldersBelow(io, targets, () => dm.load(ref, targets, { readOnly, signal: io.signal })),
    );
  });
}
