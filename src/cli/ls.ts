// dmts ls

import { type Command, Option } from 'commander';
import { formatDev } from '../dm/device-number.ts';
import { blockDeviceName, type DeviceTree, deviceTrees, formatTrees } from '../dm/tree.ts';
import { describe, type JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { devRecord, entryRecord, type JsonRecord } from './records.ts';
import { withDeviceMapper } from './session.ts';

interface Options extends JsonOption {
  readonly tree?: boolean;
  readonly options?: 'devno' | 'blkdevname';
}

const treeRecord = ({ name, blockName, dev, dependencies }: DeviceTree): JsonRecord => ({
  name: name || blockName,
  ...devRecord(dev),
  dependencies: dependencies.map(treeRecord),
});

/** Lines, or that there are none. */
const linesText = (lines: readonly string[]): string =>
  lines.map((line) => `${line}\n`).join('') || 'No devices found\n';

/** `dmts ls` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'ls',
    summary: 'List the devices',
    examples: ['dmts ls', 'dmts ls --tree', 'dmts ls --json | jq -r ".[].name"'],
  })
    .option('--tree', 'show which device stands on which')
    .addOption(
      new Option('-o, --options <what>', "numbers, or the kernel's names: dm-0, loop0").choices([
        'devno',
        'blkdevname',
      ]),
    )
    .action(async ({ json, tree, options }: Options) => {
      const blockNames = options === 'blkdevname';
      if (tree) {
        const trees = await withDeviceMapper(io, { threads: false }, deviceTrees);
        if (json) printJson(io, trees.map(treeRecord));
        else io.stdout.write(linesText(formatTrees(trees, { blockNames })));
        return;
      }
      const devices = await withDeviceMapper(io, { threads: false }, (dm) => dm.list());
      if (json) return printJson(io, devices.map(entryRecord));
      io.stdout.write(
        linesText(
          devices.map(
            ({ name, dev }) =>
              `${name}\t(${(blockNames && blockDeviceName(dev, io.sysDir)) || formatDev(dev)})`,
          ),
        ),
      );
    });
}
