// dmts storage ls

import type { Command } from 'commander';
import { formatSize } from '../../dm/text/size.ts';
import { withView } from '../storage-support/with-storage.ts';
import { describeQuery, placeOf } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { formatReport, type ReportOptions, withReportOptions } from '../support/report.ts';

const COLUMNS = [
  { name: 'layer_id', heading: 'ID', width: 16 },
  { name: 'layer_size', heading: 'Size', width: 8, right: true },
  { name: 'device_id', heading: 'Device', width: 6, right: true },
  { name: 'mounts', heading: 'Mounts', width: 6, right: true },
];

/** `dmts storage ls` */
export function define(group: Command, io: Io): void {
  const command = describeQuery(group, {
    name: 'ls',
    details:
      'It prints the size of each layer, its thin id in the pool, and whether it is mounted.',
    examples: [
      'dmts storage --root /srv/layers ls',
      'dmts storage --root /srv/layers ls --json | jq -r ".[].id"',
    ],
  });
  withReportOptions(command).action(async (options: JsonOption & ReportOptions, self: Command) => {
    const layers = await withView(io, placeOf(self), async (view) => view.layers());
    if (options.json) return printJson(io, layers);
    const rows = layers.map(({ id, size, deviceId, mounts }) => [
      id,
      formatSize(size),
      `${deviceId}`,
      `${mounts}`,
    ]);
    io.stdout.write(rows.length === 0 ? 'No layers found\n' : formatReport(COLUMNS, rows, options));
  });
}
