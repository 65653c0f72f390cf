// dmts pool status

import type { Command } from 'commander';
import { allViews, viewOf } from '../pool-support/arguments.ts';
import { type PoolDetails, poolRecord, readPoolDetails } from '../pool-support/pool-details.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { isUtf8 } from '../support/locale.ts';
import { withDeviceMapper } from '../support/session.ts';
import { poolText } from './status-text.ts';

/** The width of a terminal that does not report one. */
const COLUMNS_DEFAULT = 80;

/** `dmts pool status` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'status',
    details:
      'Without NAME it covers every pool. On a terminal it draws bars, in which a line marks where space becomes low. It writes nothing, not even to a damaged pool.',
    examples: ['dmts pool status', 'dmts pool status tank --json | jq .data.usedBytes'],
  })
    .argument('[name...]', 'pools')
    .action(async (names: readonly string[], { json }: JsonOption) => {
      const pools = await withDeviceMapper(io, { threads: false }, async (dm) => {
        const details: PoolDetails[] = [];
        if (names.length === 0) {
          for (const view of await allViews(dm, io)) details.push(await readPoolDetails(view));
        }
        for (const name of names) details.push(await readPoolDetails(await viewOf(dm, name, io)));
        return details;
      });
      const { isTTY = false, columns = COLUMNS_DEFAULT } = io.stdout;
      const terminal = isTTY ? { columns, utf8: isUtf8(io) } : undefined;
      const records = pools.map(poolRecord);
      if (json) printJson(io, names.length === 1 ? records[0] : records);
      else
        io.stdout.write(
          pools.map((pool) => poolText(pool, terminal)).join('\n') || 'No pools found\n',
        );
    });
}
