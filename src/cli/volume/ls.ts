// dmts volume ls

import type { Command } from 'commander';
import { formatSize } from '../../dm/text/size.ts';
import type { VolumesReport } from '../../volumes/read-volumes.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { formatReport, type ReportOptions, withReportOptions } from '../support/report.ts';
import { withDeviceMapper } from '../support/session.ts';
import { describeVolume, dirOf } from '../volume-support/words.ts';

const COLUMNS = [
  { name: 'name', heading: 'Name', width: 4 },
  { name: 'size', heading: 'Size', width: 5, right: true },
  { name: 'used', heading: 'Used', width: 5, right: true },
  { name: 'created', heading: 'Created', width: 7 },
  { name: 'device', heading: 'Device', width: 6 },
];

/** The volumes of a directory. It writes nothing. */
export const look = (io: Io, dir: string): Promise<VolumesReport> =>
  withDeviceMapper(io, { threads: false }, async (dm) => {
    const { readVolumes } = await import('../../volumes/read-volumes.ts');
    return readVolumes(dm, dir, { signal: io.signal });
  });

/** `dmts volume ls` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'ls',
    details:
      'It writes nothing, and works while another process has DIR open. "Used" is what a volume maps; clones share blocks, and each of them counts a shared block.',
    examples: [
      'dmts volume --dir /srv/vms ls',
      "dmts volume --dir /srv/vms ls --json | jq -r '.volumes[].name'",
    ],
  });
  withReportOptions(command).action(
    async ({ json, ...layout }: JsonOption & ReportOptions, self: Command) => {
      const report = await look(io, dirOf(self));
      if (json) return printJson(io, report);
      const rows = report.volumes.map(({ name, size, used, created, path }) => [
        name,
        formatSize(size),
        formatSize(used),
        created.toISOString(),
        path ?? '-',
      ]);
      io.stdout.write(formatReport(COLUMNS, rows, layout));
    },
  );
}
