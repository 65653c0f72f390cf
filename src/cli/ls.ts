// dmts ls

import type { Command } from 'commander';
import { formatDev } from '../dm/device-number.ts';
import { type DeviceTree, deviceTrees, formatTrees } from '../dm/tree.ts';
import { describe, type JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { devRecord, entryRecord, type JsonRecord } from './records.ts';
import { withDeviceMapper } from './session.ts';

interface Options extends JsonOption {
  readonly tree?: boolean;
}

const treeRecord = ({ name, dev, dependencies }: DeviceTree): JsonRecord => ({
  name,
  ...devRecord(dev),
  dependencies: dependencies.map(treeRecord),
});

/** `dmts ls` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'ls',
    summary: 'List the devices',
    examples: ['dmts ls', 'dmts ls --tree', 'dmts ls --json | jq -r ".[].name"'],
  })
    .option('--tree', 'show which device stands on which')
    .action(async ({ json, tree }: Options) => {
      if (tree) {
        const trees = await withDeviceMapper(io, { threads: false }, deviceTrees);
        if (json) return printJson(io, trees.map(treeRecord));
        io.stdout.write(
          formatTrees(trees)
            .map((line) => `${line}\n`)
            .join('') || 'No devices found\n',
        );
        return;
      }
      const devices = await withDeviceMapper(io, { threads: false }, (dm) => dm.list());
      const lines = devices.map(({ name, dev }) => `${name}\t(${formatDev(dev)})\n`);
      if (json) printJson(io, devices.map(entryRecord));
      else io.stdout.write(lines.join('') || 'No devices found\n');
    });
}
