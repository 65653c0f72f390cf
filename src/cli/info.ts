// dmts info

import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DeviceInfo } from '../dm/device-info.ts';
import { formatDev } from '../dm/device-number.ts';
import type { SizeUnit } from '../dm/size.ts';
import { describe } from './describe.ts';
import { type ColumnOptions, infoReport } from './info-columns.ts';
import type { Io } from './io.ts';
import { type QueryOptions, runQuery } from './query.ts';
import { deviceRecord } from './records.ts';
import { withReportOptions } from './report.ts';
import { withDeviceOptions } from './select.ts';
import { manglingOf } from './session.ts';

interface InfoAnswer {
  readonly info: DeviceInfo;
  /** Sectors; `undefined` for a device that never had a table, and so has no queue. */
  readonly readAhead: number | undefined;
}

const SECTORS_PER_KB = 2;

function readAheadOf(dev: bigint, sysDir: string): number | undefined {
  try {
    const text = readFileSync(`${sysDir}/dev/block/${formatDev(dev)}/bdi/read_ahead_kb`, 'utf8');
    return Number(text) * SECTORS_PER_KB;
  } catch {
    return undefined;
  }
}

const infoText = ({ info, readAhead }: InfoAnswer): string =>
  [
    `Name:              ${info.name}`,
    `State:             ${stateOf(info)}`,
    ...(readAhead === undefined ? [] : [`Read Ahead:        ${readAhead}`]),
    `Tables present:    ${tablesOf(info)}`,
    `Open count:        ${info.openCount}`,
    `Event number:      ${info.eventNr}`,
    `Major, minor:      ${info.major}, ${info.minor}`,
    `Number of targets: ${info.targetCount}`,
    ...(info.uuid === undefined ? [] : [`UUID: ${info.uuid}`]),
    '\n',
  ].join('\n');

const stateOf = ({ suspended, readOnly, deferredRemove }: DeviceInfo): string =>
  [
    suspended ? 'SUSPENDED' : 'ACTIVE',
    readOnly ? ' (READ-ONLY)' : '',
    deferredRemove ? ' (DEFERRED REMOVE)' : '',
  ].join('');

const tablesOf = ({ live, inactive }: DeviceInfo): string =>
  [live ? 'LIVE' : '', inactive ? 'INACTIVE' : ''].filter((word) => word !== '').join(' & ') ||
  'None';

const UNITS = [...'hHbskmgtpeKMGTPE'] as SizeUnit[];

interface Options extends QueryOptions, ColumnOptions {
  readonly columns?: boolean;
  readonly units: SizeUnit;
  readonly nosuffix?: boolean;
}

const columnsText = (answers: readonly InfoAnswer[], options: Options, io: Io): string =>
  infoReport(
    answers.map((answer) => ({
      ...answer,
      sysDir: io.sysDir ?? '/sys',
      mangling: manglingOf(io),
      units: options.units,
      suffix: !options.nosuffix,
    })),
    options,
  );

/** `dmts info` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'info',
    summary: 'Print the state of devices',
    details: 'Without NAME of every device.',
    examples: [
      'dmts info',
      'dmts info /dev/dm-0 --json | jq .openCount',
      'dmts info -c -o name,open,size --units g -O -open',
    ],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'count the targets of the inactive table')
    .option('-c, --columns', 'print columns')
    .option(
      '-o, --fields <fields>',
      'the columns, comma-separated; after a + besides the usual ones',
    )
    .option('-O, --sort <fields>', 'sort by these fields; after a - downwards')
    .addOption(
      new Option('--units <unit>', 'unit of sizes; capitals are powers of 1000')
        .choices(UNITS)
        .default('h'),
    )
    .option('--nosuffix', 'print sizes without their unit');
  withReportOptions(withDeviceOptions(command)).action(
    (names: readonly string[], options: Options) =>
      runQuery<InfoAnswer>(io, names, options, {
        ask: async (dm, ref) => {
          const info = await dm.info(ref, { inactive: options.inactive ?? false });
          return { info, readAhead: readAheadOf(info.dev, io.sysDir ?? '/sys') };
        },
        ...(options.columns && { whole: (answers) => columnsText(answers, options, io) }),
        text: infoText,
        record: ({ info, readAhead }) => ({ ...deviceRecord(info), readAhead }),
      }),
  );
}
