// dmts thin snap

import type { Command } from 'commander';
import { parseId, withPool, withPoolAndId } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts thin snap` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'snap',
    details:
      'The snapshot and its origin share each block until one of them writes to it. The command suspends an active origin while the kernel creates the snapshot, so that its filesystem is consistent. A snapshot takes no space at first.',
    examples: [
      'dmts thin snap tank 2 1',
      'dmts thin snap tank 2 1 && dmts thin activate tank 2 --size 1g',
    ],
  });
  withPoolAndId(command)
    .argument('<origin>', 'thin id of the device to take a snapshot of', parseId)
    .action(async (name: string, id: number, origin: number, { json }: JsonOption) => {
      await withPool(io, name, (pool) => pool.createSnap(id, origin, { signal: io.signal }));
      if (json) printJson(io, { pool: name, id, origin });
    });
}
