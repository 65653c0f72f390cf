// dmts thin ls

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device-mapper.ts';
import { isDmError, reportedOf } from '../../dm/errors.ts';
import { formatSize } from '../../dm/size.ts';
import { type ThinStatus, thin } from '../../dm/targets/thin.ts';
import { type ActiveThin, ActiveThins } from '../../thin/active-thins.ts';
import { describe, type JsonOption } from '../describe.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { SECTOR, thinRecord } from '../pool/figures.ts';
import { findPool } from '../pool/with-pool.ts';
import { formatReport, type ReportOptions, withReportOptions } from '../report.ts';
import { withDeviceMapper } from '../session.ts';

const COLUMNS = [
  { name: 'thin_id', heading: 'ID', width: 3, right: true },
  { name: 'name', heading: 'Name', width: 16 },
  { name: 'size', heading: 'Size', width: 8, right: true },
  { name: 'mapped', heading: 'Mapped', width: 8, right: true },
];

interface Listed {
  readonly active: ActiveThin;
  readonly status: ThinStatus;
}

/** What is mapped of a thin device, or `undefined` if it has gone meanwhile. */
async function withStatus(dm: DeviceMapper, active: ActiveThin): Promise<Listed | undefined> {
  try {
    const { targets } = await dm.status({ dev: active.info.dev }, { noFlush: true });
    const text = targets[0]?.params ?? '-';
    return { active, status: reportedOf(active.info.name, () => thin.parseStatus(text)) };
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

const record = ({ active, status }: Listed): unknown => ({
  ...thinRecord(active),
  mapped: status.state === 'working' ? status.mapped : undefined,
  highestMapped: status.state === 'working' ? status.highestMapped : undefined,
});

const row = ({ active, status }: Listed): readonly string[] => [
  `${active.id}`,
  active.info.name,
  formatSize(active.length * SECTOR),
  status.state === 'working' ? formatSize(status.mapped * SECTOR) : status.state,
];

/** `dmts thin ls` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'ls',
    summary: 'List the thin devices of a pool that are active',
    details: 'With the size that each shows, and how much of it has a place in the pool.',
    examples: ['dmts thin ls tank', 'dmts thin ls tank --json | jq ".[].mapped"'],
  }).argument('<pool>', 'name of the pool');
  withReportOptions(command).action(async (name: string, options: JsonOption & ReportOptions) => {
    const listed = await withDeviceMapper(io, { threads: false }, async (dm) => {
      const thins = await new ActiveThins(await findPool(dm, name), io.sysDir).list();
      const all = await Promise.all(thins.map((active) => withStatus(dm, active)));
      return all.filter((one) => one !== undefined);
    });
    if (options.json) return printJson(io, listed.map(record));
    const text = formatReport(COLUMNS, listed.map(row), options);
    io.stdout.write(listed.length === 0 ? 'No active thin devices found\n' : text);
  });
}
