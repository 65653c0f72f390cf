// dmts thin delete

import type { Command } from 'commander';
import type { Sectors } from '../../dm/units.ts';
import { ActiveThins } from '../../thin/active-thins.ts';
import { CONFIRM, confirm, demandConfirmable } from '../confirm.ts';
import { describe, type JsonOption } from '../describe.ts';
import { UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { findPool, withPool } from '../pool/with-pool.ts';
import { withDeviceMapper } from '../session.ts';
import { sizeInSectors } from '../sizes.ts';
import { discardAll } from './discard.ts';
import { usualName, withPoolAndId } from './words.ts';

interface Options extends JsonOption {
  readonly discard?: boolean;
  readonly size?: Sectors;
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `dmts thin delete` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'delete',
    summary: 'Delete a thin device that is not active',
    details:
      'On a terminal it asks first; without one it demands --confirm POOL-ID. Its blocks are free in the pool at once, but still take space in the file below: --discard gives that back, too, for which it is activated for a moment, with the size that is given.',
    examples: [
      'dmts thin delete tank 2',
      'dmts thin delete tank 2 --confirm tank-2',
      'dmts thin delete tank 2 --confirm tank-2 --discard --size 1g',
    ],
  });
  withPoolAndId(command)
    .option('--discard', 'discard what it holds before')
    .option('--size <size>', 'with --discard: how much of it', sizeInSectors('--size'))
    .option(...CONFIRM)
    .option('-n, --dry-run', 'say what would be done, and do nothing')
    .action(async (name: string, id: number, options: Options) => {
      const { discard = false, size } = options;
      if (discard !== (size !== undefined)) {
        throw new UsageError('--discard and --size go together: the pool does not record a size');
      }
      if (options.dryRun) await tell(io, name, id, options);
      else await remove(io, name, id, options);
    });
}

async function tell(io: Io, name: string, id: number, { json, size }: Options): Promise<void> {
  const active = await withDeviceMapper(io, { threads: false }, async (dm) =>
    new ActiveThins(await findPool(dm, name), io.sysDir).find(id),
  );
  if (json) {
    return printJson(io, { dryRun: true, pool: name, id, discard: size, active: active?.name });
  }
  const what = `would ${size === undefined ? '' : 'discard and '}delete thin device ${id} of pool ${name}`;
  const busy = active ? `; it would be refused while it is active as ${active.name}` : '';
  io.stdout.write(`${what}${busy}\n`);
}

async function remove(io: Io, name: string, id: number, options: Options): Promise<void> {
  const question = {
    name: usualName(name, id),
    given: options.confirm,
    what: `this deletes thin device ${id} of pool "${name}" with all it holds`,
    otherwise: 'nothing was deleted',
  };
  demandConfirmable(io, question);
  await withPool(io, name, async (pool) => {
    await confirm(io, question);
    if (options.size !== undefined) await discardAll(io, pool, id, options.size);
    await pool.delete(id, { signal: io.signal });
  });
  if (options.json) printJson(io, { dryRun: false, pool: name, id, discard: options.size });
}
