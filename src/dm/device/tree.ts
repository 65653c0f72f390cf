// The device tree, as drawn by `dmsetup ls --tree`.

import { readFileSync } from 'node:fs';
import { checkFields, isFlag, isListOf, isObject, isPath } from '../../ioctl/input/checks.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { formatDev } from '../wire/device-number.ts';
import { isDmError } from '../wire/errors.ts';
import type { DeviceMapper } from './device-mapper.ts';
import { checkDeviceMapper } from './input.ts';

/** A block device and the devices that it uses. */
export interface DeviceTree {
  /** The device's name; `''` for a device that is not a mapped device. */
  readonly name: string;
  /** The name of the block device: `'dm-0'`, `'loop0'`; `''` if sysfs has no entry for the device. */
  readonly blockName: string;
  readonly dev: bigint;
  readonly dependencies: readonly DeviceTree[];
}

/** The top-level devices, each with all devices below it. */
export async function deviceTrees(dm: DeviceMapper): Promise<readonly DeviceTree[]> {
  checkDeviceMapper(dm);
  const devices = await dm.list();
  const names = new Map(devices.map(({ dev, name }) => [dev, name]));
  const deps = new Map<bigint, readonly bigint[]>();
  for (const { dev } of devices) deps.set(dev, await depsOrGone(dm, dev));
  const below = new Set([...deps.values()].flat());
  const treeOf = (dev: bigint): DeviceTree => ({
    name: names.get(dev) ?? '',
    blockName: blockDeviceName(dev),
    dev,
    dependencies: (deps.get(dev) ?? []).map(treeOf),
  });
  return devices.filter(({ dev }) => !below.has(dev)).map(({ dev }) => treeOf(dev));
}

async function depsOrGone(dm: DeviceMapper, dev: bigint): Promise<readonly bigint[]> {
  try {
    return await dm.deps({ dev });
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return [];
    throw error;
  }
}

/** The kernel's name of a block device; `''` if it has no disk. */
export function blockDeviceName(dev: bigint, sysDir = '/sys'): string {
  isPath(sysDir, 'sysDir');
  try {
    const uevent = readFileSync(`${sysDir}/dev/block/${formatDev(dev)}/uevent`, 'utf8');
    return /^DEVNAME=(.*)$/m.exec(uevent)?.[1] ?? '';
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

/** The options of the tree. */
export interface TreeLineOptions {
  /** Also show the kernel's names: `vol <dm-0> (253:0)`. @default false */
  readonly blockNames?: boolean;
}

/** Draws the trees like `dmsetup ls --tree`. */
export function formatTrees(
  trees: readonly DeviceTree[],
  options: TreeLineOptions = {},
): readonly string[] {
  isListOf(isObject)(trees, 'trees');
  checkFields(options, { blockNames: isFlag });
  return trees.flatMap((tree) => drawTree(tree, '', '', options.blockNames ?? false));
}

function drawTree(
  { name, blockName, dev, dependencies }: DeviceTree,
  branch: string,
  indent: string,
  blockNames: boolean,
): readonly string[] {
  const last = dependencies.length - 1;
  const shown = blockNames && blockName !== '' ? ` <${blockName}>` : '';
  return [
    `${branch}${name}${shown} (${formatDev(dev)})`,
    ...dependencies.flatMap((below, i) =>
      drawTree(
        below,
        `${indent} ${i === last ? '└─' : '├─'}`,
        `${indent} ${i === last ? '  ' : '│ '}`,
        blockNames,
      ),
    ),
  ];
}
