// dmts create

import type { Command } from 'commander';
import { changeOne } from './change.ts';
import { describe, type JsonOption } from './describe.ts';
import { UsageError } from './exit-status.ts';
import type { Io } from './io.ts';
import { parseMinor } from './select.ts';
import { readTable } from './table-input.ts';

interface Options extends JsonOption {
  readonly table?: string;
  readonly uuid?: string;
  readonly minor?: number;
  readonly readonly?: boolean;
  readonly notable?: boolean;
}

/** `dmts create` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'create',
    summary: 'Create a device, load its table and resume it',
    details:
      'The table comes from --table, from FILE or from stdin: a target a line, START LENGTH TYPE PARAMS, in sectors of 512 bytes. If any of it fails, nothing of the device is left.',
    examples: [
      'dmts create vol --table "0 204800 linear /dev/sdb 0"',
      'dmts table vol | dmts create copy --readonly',
      'dmts create vol --notable --uuid my-uuid',
    ],
  })
    .argument('<name>', 'name of the new device')
    .argument('[file]', 'file with the table')
    .option('--table <table>', 'the table itself')
    .option('-n, --notable', 'load no table yet')
    .option('-u, --uuid <uuid>', 'uuid of the new device')
    .option('-m, --minor <number>', 'minor number of the new device', parseMinor)
    .option('-r, --readonly', 'make the table read-only')
    .action(async (name: string, file: string | undefined, options: Options) => {
      const { notable, table, uuid, minor, readonly: readOnly = false } = options;
      if (notable && (table !== undefined || file !== undefined)) {
        throw new UsageError('--notable and a table exclude one another');
      }
      const targets = notable ? undefined : await readTable(io, { table, file });
      await changeOne(io, options, (dm) =>
        dm.create(name, {
          readOnly,
          signal: io.signal,
          ...(targets && { table: targets }),
          ...(uuid !== undefined && { uuid }),
          ...(minor !== undefined && { minor }),
        }),
      );
    });
}
