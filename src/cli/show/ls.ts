// dmts ls

import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { type DeviceTree, deviceTrees } from '../../dm/device/tree.ts';
import type { DeviceEntry } from '../../dm/reply/device-info.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { fromKernel } from '../../dm/wire/text.ts';
import { deviceName, parseNaming } from '../select/device-name-option.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import { devDirOf, type Io } from '../support/io.ts';
import { devRecord, entryRecord, type JsonRecord, printJson } from '../support/json.ts';
import { isUtf8 } from '../support/locale.ts';
import { withDeviceMapper } from '../support/session.ts';
import { deviceGraph } from './device-graph.ts';
import { parseTreeOptions, treeText } from './tree-text.ts';

interface Options extends JsonOption, VerboseOption {
  readonly tree?: boolean;
  readonly options?: string;
  readonly target?: string;
  readonly exec?: string;
}

const treeRecord = ({ name, blockName, dev, dependencies }: DeviceTree): JsonRecord => ({
  name: name || blockName,
  ...devRecord(dev),
  dependencies: dependencies.map(treeRecord),
});

/** Lists all devices, or those with a target of one type, and reports whether any device exists. */
async function listed(
  dm: DeviceMapper,
  type: string | undefined,
): Promise<{ readonly devices: readonly DeviceEntry[]; readonly any: boolean }> {
  const all = await dm.list();
  const any = all.length > 0;
  if (type === undefined) return { devices: all, any };
  const devices: DeviceEntry[] = [];
  for (const device of all) {
    try {
      const { targets } = await dm.table({ dev: device.dev }, { noFlush: true });
      if (targets.some((target) => target.type === type)) devices.push(device);
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  return { devices, any };
}

/** Runs a command with the path of a device appended. Its exit status is ignored, as in dmsetup. */
function execute(words: readonly string[], path: string): Promise<void> {
  const [program, ...args] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program!, [...args, path], { stdio: 'inherit' });
    child.once('error', (error) => {
      reject(new CommandError(`cannot run "${program}": ${error.message}`, ExitStatus.failed));
    });
    child.once('close', () => resolve());
  });
}

async function printTree(io: Io, { json, options = '' }: Options): Promise<void> {
  if (json) {
    const trees = await withDeviceMapper(io, { threads: false }, deviceTrees);
    return printJson(io, trees.map(treeRecord));
  }
  const chosen = parseTreeOptions(options);
  const nodes = await withDeviceMapper(io, { threads: false }, deviceGraph);
  const { stdout, sysDir = '/sys' } = io;
  const canvas = { utf8: isUtf8(io), columns: stdout.isTTY ? stdout.columns : undefined, sysDir };
  io.stdout.write(treeText(nodes, chosen, canvas) || 'No devices found\n');
}

async function list(io: Io, options: Options): Promise<void> {
  const { json, verbose, target, exec } = options;
  const naming = parseNaming(options.options ?? 'devno');
  const words = exec?.split(/\s+/).filter((word) => word !== '');
  if (words?.length === 0) throw new UsageError('invalid --exec: expected a command, got ""');
  const { devices, any } = await withDeviceMapper(io, { threads: false }, (dm) =>
    listed(dm, target),
  );
  if (json && !words) return printJson(io, devices.map(entryRecord));
  // dmsetup prints a different line after it has examined the devices.
  const isPlain = target === undefined && !words;
  const lineOf = ({ name, dev }: DeviceEntry): string => {
    const { major, minor } = devRecord(dev);
    return isPlain
      ? `${name}\t(${deviceName(dev, naming, io) ?? formatDev(dev)})\n`
      : `${name}\t(${major}, ${minor})\n`;
  };
  if (!any) io.stdout.write('No devices found\n');
  for (const device of devices) {
    if (!words || verbose) io.stdout.write(lineOf(device));
    if (!words) continue;
    io.signal.throwIfAborted();
    await execute(words, `${devDirOf(io)}/mapper/${fromKernel(device.mangledName)}`);
  }
}

/** `dmts ls` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'ls',
    details:
      'With --tree, -o selects the fields of each device (blkdevname, nodevice, active, open, rw, uuid) and the style of the tree (ascii, utf, vt100, compact, inverted, notrunc). Without -o the locale selects ascii or utf.',
    examples: [
      'dmts ls',
      'dmts ls --tree -o blkdevname,open',
      'dmts ls --target crypt --exec "blkid"',
      'dmts ls --json | jq -r ".[].name"',
    ],
  })
    .option('--tree', 'show the device tree')
    .option(
      '-o, --options <what>',
      'how to name devices: devno by number, blkdevname as dm-0 or loop0, devname by device-mapper name',
    )
    .option('--target <type>', 'only devices with a target of this type')
    .option(
      '--exec <command>',
      'instead of listing, run this command for each device with the path appended; its exit status is ignored',
    )
    .action((options: Options) => (options.tree ? printTree(io, options) : list(io, options)));
}
