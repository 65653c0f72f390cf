// dmts info

import { type Command, Option } from 'commander';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { SizeUnit } from '../../dm/text/size.ts';
import { type ColumnOptions, fieldsHelp, infoReport } from '../select/info-columns.ts';
import { infoText, readAheadOf } from '../select/info-text.ts';
import { withDeviceOptions } from '../select/select.ts';
import { fieldSource, withSelect } from '../select/select-option.ts';
import { describe } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord } from '../support/json.ts';
import { withReportOptions } from '../support/report.ts';
import { type QueryOptions, runQuery } from './query.ts';

interface InfoAnswer {
  readonly info: DeviceInfo;
  /** Read-ahead in sectors; `undefined` for a device that never had a table, and so has no queue. */
  readonly readAhead: number | undefined;
}

const UNITS = [...'hHbskmgtpeKMGTPE'] as SizeUnit[];

interface Options extends QueryOptions, ColumnOptions {
  readonly columns?: boolean;
  /** The same as `nameprefixes`. */
  readonly C?: boolean;
  /** The former name of `options`. */
  readonly fields?: string;
  readonly units: SizeUnit;
  readonly nosuffix?: boolean;
}

const columnsText = (answers: readonly InfoAnswer[], options: Options, io: Io): string =>
  infoReport(
    answers.map((answer) => ({
      ...fieldSource(answer.info, answer.readAhead, io),
      units: options.units,
      suffix: !options.nosuffix,
    })),
    options,
  );

/** @throws UsageError for options of a report without `-c` */
function demandColumns({ columns, options, sort }: Options): void {
  if (columns || (options ?? sort) === undefined) return;
  throw new UsageError(`${options === undefined ? '-O' : '-o'} needs -c`);
}

/** `dmts info` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'info',
    details: 'Without NAME it covers every device.',
    examples: [
      'dmts info',
      'dmts info /dev/dm-0 --json | jq .openCount',
      'dmts info -c -o name,open,size --units g -O -open',
    ],
  })
    .argument('[name...]', 'devices')
    .option('--inactive', 'count the targets of the inactive table')
    .option('-c, --columns', 'print columns')
    .addOption(new Option('-C').hideHelp())
    .option(
      '-o, --options <fields>',
      'the columns, comma-separated; prefix + to add to the defaults; "help" lists them',
    )
    .addOption(new Option('--fields <fields>').hideHelp())
    .option('-O, --sort <fields>', 'sort by these fields; prefix - to sort descending')
    .addOption(
      new Option('--units <unit>', 'unit of sizes; upper case means powers of 1000')
        .choices(UNITS)
        .default('h'),
    )
    .option('--nosuffix', 'print sizes without their unit');
  withReportOptions(withSelect(withDeviceOptions(command))).action(
    (names: readonly string[], { fields, C, ...given }: Options) => {
      const options = {
        ...(fields !== undefined && { options: fields }),
        columns: C ?? false,
        ...given,
      };
      demandColumns(options);
      if (options.options?.split(',').includes('help')) return void io.stdout.write(fieldsHelp());
      // `info` always prints the device.
      return runQuery<InfoAnswer>(
        io,
        names,
        { ...options, verbose: false },
        {
          ask: async (dm, ref) => {
            const info = await dm.info(ref, { inactive: options.inactive ?? false });
            return { info, readAhead: readAheadOf(info.dev, io) };
          },
          ...(options.columns && { whole: (answers) => columnsText(answers, options, io) }),
          text: ({ info, readAhead }) => infoText(info, readAhead),
          record: ({ info, readAhead }) => ({ ...deviceRecord(info), readAhead }),
        },
      );
    },
  );
}
