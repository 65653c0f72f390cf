// Which device stands on which: what `dmsetup ls --tree` draws.

import { readFileSync } from 'node:fs';
import type { DeviceMapper } from './device-mapper.ts';
import { formatDev } from './device-number.ts';
import { isDmError } from './errors.ts';

/** A block device and those it stands on. */
export interface DeviceTree {
  /** The device's name; for one that is not device mapper's, the kernel's: `'loop0'`. */
  readonly name: string;
  readonly dev: bigint;
  readonly dependencies: readonly DeviceTree[];
}

/** The devices that no other stands on, each with all below it. */
export async function deviceTrees(dm: DeviceMapper): Promise<readonly DeviceTree[]> {
  const devices = await dm.list();
  const names = new Map(devices.map(({ dev, name }) => [dev, name]));
  const deps = new Map<bigint, readonly bigint[]>();
  for (const { dev } of devices) deps.set(dev, await depsOrGone(dm, dev));
  const below = new Set([...deps.values()].flat());
  const grow = (dev: bigint): DeviceTree => ({
    name: names.get(dev) ?? blockDeviceName(dev),
    dev,
    dependencies: (deps.get(dev) ?? []).map(grow),
  });
  return devices.filter(({ dev }) => !below.has(dev)).map(({ dev }) => grow(dev));
}

async function depsOrGone(dm: DeviceMapper, dev: bigint): Promise<readonly bigint[]> {
  try {
    return await dm.deps({ dev });
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return [];
    throw error;
  }
}

/** The kernel's name of a block device, or nothing when it has gone. */
function blockDeviceName(dev: bigint): string {
  try {
    const uevent = readFileSync(`/sys/dev/block/${formatDev(dev)}/uevent`, 'utf8');
    return /^DEVNAME=(.*)$/m.exec(uevent)?.[1] ?? '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** The trees in the lines that `dmsetup ls --tree` draws. */
export const formatTrees = (trees: readonly DeviceTree[]): readonly string[] =>
  trees.flatMap((tree) => drawTree(tree, '', ''));

function drawTree(
  { name, dev, dependencies }: DeviceTree,
  branch: string,
  indent: string,
): readonly string[] {
  const last = dependencies.length - 1;
  return [
    `${branch}${name} (${formatDev(dev)})`,
    ...dependencies.flatMap((below, i) =>
      drawTree(
        below,
        `${indent} ${i === last ? '└─' : '├─'}`,
        `${indent} ${i === last ? '  ' : '│ '}`,
      ),
    ),
  ];
}
