// dmts thin delete

import type { Command } from 'commander';
import { formatSize } from '../../dm/text/size.ts';
import type { Sectors } from '../../dm/text/units.ts';
import { PoolError } from '../../thin/live/errors.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { usualName, withPool, withPoolAndId, withView } from '../pool-support/arguments.ts';
import { percentText } from '../support/bar.ts';
import { CONFIRM, confirm, demandConfirmable } from '../support/confirm.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInSectors } from '../support/numbers.ts';

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
    details:
      'The command asks for confirmation on a terminal, and requires --confirm POOL-ID elsewhere. The blocks become free in the pool at once. If the data of the pool is a file, they still take space in its filesystem. --discard frees that space too: the command activates the thin device temporarily, with the given size, and discards its blocks.',
    examples: [
      'dmts thin delete tank 2',
      'dmts thin delete tank 2 --confirm tank-2',
      'dmts thin delete tank 2 --confirm tank-2 --discard --size 1g',
    ],
  });
  withPoolAndId(command)
    .option('--discard', 'discard its blocks first')
    .option('--size <size>', 'with --discard: size of the thin device', sizeInSectors('--size'))
    .option(...CONFIRM)
    .option('-n, --dry-run', 'only print what would be done')
    .action(async (name: string, id: number, options: Options) => {
      const { discard = false, size } = options;
      if (discard !== (size !== undefined)) {
        throw new UsageError(
          '--discard and --size must be given together: the pool does not record a size',
        );
      }
      if (options.dryRun) await tell(io, name, id, options);
      else await remove(io, name, id, options);
    });
}

async function tell(io: Io, name: string, id: number, { json, size }: Options): Promise<void> {
  const active = await withView(io, name, async (view) => {
    const found = await view.activeThin(id);
    // Metadata that cannot be read does not show that a thin device is missing.
    const all = await view.thinDetails({ signal: io.signal }).catch((error) => {
      if (typeof error?.code !== 'string') throw error;
      return undefined;
    });
    io.signal.throwIfAborted();
    if (found === undefined && all?.has(id) === false) {
      const problem = 'the pool has no thin device with this id';
      throw new PoolError({ code: 'ERR_THIN_MISSING', pool: name, id, problem });
    }
    return found;
  });
  if (json) {
    return printJson(io, { dryRun: true, pool: name, id, discard: size, active: active?.name });
  }
  const what = `would ${size === undefined ? '' : 'discard and '}delete thin device ${id} of pool ${name}`;
  const busy = active ? `; this would fail while it is active as ${active.name}` : '';
  io.stdout.write(`${what}${busy}\n`);
}

async function remove(io: Io, name: string, id: number, options: Options): Promise<void> {
  const question = {
    name: usualName(name, id),
    given: options.confirm,
    what: `this deletes thin device ${id} of pool "${name}" and its data`,
    otherwise: 'nothing was deleted',
  };
  demandConfirmable(io, question);
  await withPool(io, name, async (pool) => {
    await confirm(io, question);
    if (options.size !== undefined) await discardAll(io, pool, id, options.size);
    await pool.deleteThin(id, { signal: io.signal });
  });
  if (options.json) printJson(io, { dryRun: false, pool: name, id, discard: options.size });
}

/** Activates the thin device temporarily and discards all of it. On a terminal, stderr shows the progress. */
async function discardAll(
  { stderr, signal }: Io,
  pool: ThinPool,
  id: number,
  length: Sectors,
): Promise<void> {
  const shows = stderr.isTTY ?? false;
  const onProgress = (used: bigint, total: bigint): void => {
    const progress = `${percentText({ used, total })} of ${formatSize(total)}`;
    stderr.write(`\rdiscarded ${progress}${used === total ? '\n' : ''}`);
  };
  await pool.discardThin(id, { length, signal, ...(shows && { onProgress }) });
}
