// dmts thin ls

import type { Command } from 'commander';
import type { ThinStatus } from '../../dm/targets/provisioning/thin.ts';
import { formatSize } from '../../dm/text/size.ts';
import { SECTOR } from '../../dm/text/units.ts';
import type { ActiveThin } from '../../thin/devices/active-thins.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import type { PoolView } from '../../thin/pool/view.ts';
import { withView } from '../pool-support/arguments.ts';
import { thinRecord } from '../pool-support/pool-details.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { formatReport, type ReportOptions, withReportOptions } from '../support/report.ts';

const COLUMNS = [
  { name: 'thin_id', heading: 'ID', width: 3, right: true },
  { name: 'name', heading: 'Name', width: 4 },
  { name: 'size', heading: 'Size', width: 5, right: true },
  { name: 'mapped', heading: 'Mapped', width: 6, right: true },
];

interface Listed {
  readonly id: number;
  /** `undefined` for an inactive thin device: the pool records no size. */
  readonly active: ActiveThin | undefined;
  /** Mapped sectors; `undefined` if the kernel does not report them. */
  readonly mapped: bigint | undefined;
  readonly highestMapped: bigint | undefined;
  /** What the kernel reports instead of numbers. */
  readonly state: ThinStatus['state'];
}

/** Adds the mapped sectors to a thin device. `undefined` if it was removed in the meantime. */
async function withStatus(view: PoolView, active: ActiveThin): Promise<Listed | undefined> {
  try {
    const status = await view.thinStatus(active);
    const { mapped, highestMapped } =
      status.state === 'working' ? status : { mapped: undefined, highestMapped: undefined };
    return { id: active.id, active, mapped, highestMapped, state: status.state };
  } catch (error) {
    if (isPoolError(error, 'ERR_THIN_MISSING')) return undefined;
    throw error;
  }
}

/** Lists every thin device of the pool. If the metadata cannot be read: the active ones, and a notice on stderr. */
async function listThins(
  view: PoolView,
  io: Io,
): Promise<{ readonly thins: readonly Listed[]; readonly isWhole: boolean }> {
  const thins = await view.activeThins();
  const active = (await Promise.all(thins.map((one) => withStatus(view, one)))).filter(
    (one) => one !== undefined,
  );
  const { blockSize } = (await view.table()).params;
  const ids = new Set(thins.map(({ id }) => id));
  const all = await recorded(view, io);
  const inactive = [...(all ?? [])]
    .filter(([id]) => !ids.has(id))
    .map(([id, { mappedBlocks }]) => ({
      id,
      active: undefined,
      mapped: mappedBlocks * blockSize,
      highestMapped: undefined,
      state: 'working' as const,
    }));
  const listed = [...active, ...inactive].toSorted((a, b) => a.id - b.id);
  return { thins: listed, isWhole: all !== undefined };
}

async function recorded(view: PoolView, { signal, stderr }: Io): Promise<ThinCensus | undefined> {
  try {
    return await view.thinDetails({ signal });
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    stderr.write(`dmts: only active thin devices are listed: ${why}\n`);
    return undefined;
  }
}

const bytesOf = (sectors: bigint | undefined): bigint | undefined =>
  sectors === undefined ? undefined : sectors * SECTOR;

/** The values of an inactive thin device: the same keys, with null. */
const NO_DEVICE = {
  length: undefined,
  name: undefined,
  mangledName: undefined,
  uuid: undefined,
  dev: undefined,
  major: undefined,
  minor: undefined,
  path: undefined,
  eventNr: undefined,
  openCount: undefined,
  targetCount: undefined,
  suspended: undefined,
  readOnly: undefined,
  live: undefined,
  inactive: undefined,
  deferredRemove: undefined,
  internallySuspended: undefined,
};

const record = ({ id, active, mapped, highestMapped }: Listed): unknown => ({
  ...(active ? thinRecord(active) : { id, ...NO_DEVICE }),
  active: active !== undefined,
  mapped,
  highestMapped,
  sizeBytes: bytesOf(active?.length),
  mappedBytes: bytesOf(mapped),
});

const row = ({ id, active, mapped, state }: Listed): readonly string[] => [
  `${id}`,
  active?.info.name ?? '-',
  active ? formatSize(active.length * SECTOR) : '-',
  mapped === undefined ? state : formatSize(mapped * SECTOR),
];

/** `dmts thin ls` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'ls',
    details:
      'It prints the size of each thin device, and how much of it is mapped. An inactive one has no name and no size, because the pool records neither. The list is as of the last commit of the pool.',
    examples: ['dmts thin ls tank', 'dmts thin ls tank --json | jq ".[].mappedBytes"'],
  }).argument('<pool>', 'name of the pool');
  withReportOptions(command).action(async (name: string, options: JsonOption & ReportOptions) => {
    const { thins: listed, isWhole } = await withView(io, name, (view) => listThins(view, io));
    if (options.json) return printJson(io, listed.map(record));
    const text = formatReport(COLUMNS, listed.map(row), options);
    io.stdout.write(
      listed.length === 0 ? `No ${isWhole ? '' : 'active '}thin devices found\n` : text,
    );
  });
}
