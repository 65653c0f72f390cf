// dmts thin create

import type { Command } from 'commander';
import type { Sectors } from '../../dm/text/units.ts';
import { withPool, withPoolAndId } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, printJson } from '../support/json.ts';
import { sizeInSectors } from '../support/numbers.ts';

interface Options extends JsonOption {
  readonly activate?: boolean;
  readonly size?: Sectors;
  readonly name?: string;
}

/** `dmts thin create` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'create',
    details:
      'It is empty, and takes no space in the pool before the first write. If the activation fails, the thin device is deleted again.',
    examples: [
      'dmts thin create tank 1',
      'dmts thin create tank 1 --activate --size 1g --name root',
    ],
  });
  withPoolAndId(command)
    .option('--activate', 'also activate it')
    .option('--size <size>', 'with --activate: size of the device', sizeInSectors('--size'))
    .option('--name <name>', 'with --activate: name of the device; default POOL-ID')
    .action((pool: string, id: number, options: Options) => create(io, pool, id, options));
}

async function create(io: Io, name: string, id: number, options: Options): Promise<void> {
  const { activate = false, size } = options;
  if (activate !== (size !== undefined)) {
    throw new UsageError(
      '--activate and --size must be given together: an inactive thin device has no size',
    );
  }
  if (options.name !== undefined && !activate) throw new UsageError('--name needs --activate');
  const { signal } = io;
  await withPool(io, name, async (pool) => {
    await pool.createThin(id, { signal });
    if (size === undefined) {
      if (options.json) printJson(io, { pool: name, id, device: undefined });
      return;
    }
    try {
      const called = options.name === undefined ? {} : { name: options.name };
      const info = await pool.activateThin(id, { length: size, signal, ...called });
      if (options.json) printJson(io, { pool: name, id, device: deviceRecord(info) });
    } catch (error) {
      await pool.deleteThin(id);
      throw error;
    }
  });
}
