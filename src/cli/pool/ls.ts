// dmts pool ls

import type { Command } from 'commander';
import type { PoolHealth, Usage } from '../../thin/live/health.ts';
import { allViews } from '../pool-support/arguments.ts';
import { usageRecord } from '../pool-support/pool-details.ts';
import { percentText } from '../support/bar.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { formatReport, type ReportOptions, withReportOptions } from '../support/report.ts';
import { withDeviceMapper } from '../support/session.ts';

const COLUMNS = [
  { name: 'pool_name', heading: 'Name', width: 4 },
  { name: 'pool_state', heading: 'State', width: 5 },
  { name: 'data_percent', heading: 'Data', width: 6, right: true },
  { name: 'metadata_percent', heading: 'Meta', width: 6, right: true },
];

interface ListedPool extends PoolHealth {
  readonly name: string;
  /** All I/O of the pool waits. */
  readonly suspended: boolean;
}

const percent = (usage: Usage | undefined): string => (usage ? percentText(usage) : '-');

/** `dmts pool ls` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'ls',
    examples: [
      'dmts pool ls',
      'dmts pool ls --json | jq -r ".[] | select(.state != \\"ok\\").name"',
    ],
  });
  withReportOptions(command).action(async (options: JsonOption & ReportOptions) => {
    const pools = await withDeviceMapper(io, { threads: false }, async (dm) => {
      const listed: ListedPool[] = [];
      for (const view of await allViews(dm, io)) {
        const { suspended } = (await view.table()).info;
        listed.push({ name: view.name, suspended, ...(await view.health()) });
      }
      return listed;
    });
    if (options.json) {
      const records = pools.map(({ name, suspended, state, advice, data, metadata }) => ({
        name,
        suspended,
        state,
        advice,
        data: usageRecord(data),
        metadata: usageRecord(metadata),
      }));
      return printJson(io, records);
    }
    const rows = pools.map(({ name, suspended, state, data, metadata }) => [
      name,
      suspended && (state === 'ok' || state === 'low') ? 'suspended' : state,
      percent(data),
      percent(metadata),
    ]);
    io.stdout.write(rows.length === 0 ? 'No pools found\n' : formatReport(COLUMNS, rows, options));
  });
}
