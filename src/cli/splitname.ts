// dmts splitname

import type { Command } from 'commander';
import { splitLvmName } from '../dm/lvm-name.ts';
import { describe, type JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { formatReport, type ReportOptions, withReportOptions } from './report.ts';

/** `dmts splitname` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'splitname',
    summary: 'Split the name of an LVM device into volume group, logical volume and layer',
    examples: ['dmts splitname vg0-home', 'dmts splitname vg0-pool-tpool --json'],
  }).argument('<name>', 'name of a device, which need not exist');
  withReportOptions(command).action((name: string, options: JsonOption & ReportOptions) => {
    const parts = splitLvmName(name);
    if (options.json) return printJson(io, parts);
    const columns = [
      { name: 'vg_name', heading: 'VG', width: 4 },
      { name: 'lv_name', heading: 'LV', width: 4 },
      { name: 'lv_layer', heading: 'LVLayer', width: 7 },
    ];
    const rows = [[parts.volumeGroup, parts.logicalVolume, parts.layer]];
    io.stdout.write(formatReport(columns, rows, options));
  });
}
