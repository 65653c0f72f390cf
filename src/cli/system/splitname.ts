// dmts splitname

import { type Command, Option } from 'commander';
import { type LvmName, splitLvmName } from '../../dm/text/lvm-name.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import {
  formatReport,
  type ReportColumn,
  type ReportOptions,
  withReportOptions,
} from '../support/report.ts';

interface Parts extends LvmName {
  readonly subsystem: string;
}

interface Field extends ReportColumn {
  readonly text: (parts: Parts) => string;
}

const FIELDS: readonly Field[] = [
  { name: 'subsystem', heading: 'Subsys', width: 6, text: ({ subsystem }) => subsystem },
  { name: 'vg_name', heading: 'VG', width: 4, text: ({ volumeGroup }) => volumeGroup },
  { name: 'lv_name', heading: 'LV', width: 4, text: ({ logicalVolume }) => logicalVolume },
  { name: 'lv_layer', heading: 'LVLayer', width: 7, text: ({ layer }) => layer },
];

const NAMES = FIELDS.map(({ name }) => name);
const USUAL = NAMES.slice(1);
const LVM = 'LVM';

function fieldsOf(options: string | undefined): readonly Field[] {
  const words = (options ?? USUAL.join(',')).replace(/^\+/, `${USUAL.join(',')},`).split(',');
  return words.map((word) => {
    const found = FIELDS.find(({ name }) => name === word);
    if (found) return found;
    const expected = NAMES.join(', ');
    throw new UsageError(`invalid field: expected one of ${expected}, got ${JSON.stringify(word)}`);
  });
}

interface Options extends JsonOption, ReportOptions {
  readonly options?: string;
}

/** `dmts splitname` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'splitname',
    details: 'SUBSYSTEM is the owner of the name. Only names of LVM, the default, have parts.',
    examples: ['dmts splitname vg0-home', 'dmts splitname vg0-pool-tpool --json'],
  })
    .argument('<name>', 'name of a device, which may not exist')
    .argument('[subsystem]', 'the subsystem that owns the name')
    .option('-o, --options <fields>', `of ${NAMES.join(', ')}; prefix + to add to the defaults`)
    .addOption(new Option('-c, --columns').hideHelp())
    .addOption(new Option('-C').hideHelp());
  withReportOptions(command).action(
    (name: string, subsystem: string | undefined, options: Options) => {
      const parts = splitLvmName(subsystem === undefined || subsystem === LVM ? name : '');
      if (options.json) return printJson(io, parts);
      const fields = fieldsOf(options.options);
      const row = fields.map(({ text }) => text({ ...parts, subsystem: subsystem ?? LVM }));
      io.stdout.write(formatReport(fields, [row], options));
    },
  );
}
