// The kernel that runs this, as a world: for a guest that is thrown away.

import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { blockDeviceSize, DeviceMapper, formatDev } from '../../src/index.ts';
import { type Disks, Holds, type World } from './world.ts';

const SUPERBLOCK = 4096;
const SECTOR = 512n;
/** Long enough for a machine that is emulated and busy. */
const SETTLE_MS = 10_000;

/** Types that a kernel knows once it has loaded their modules. */
const MODULES = ['linear', 'striped', 'zero', 'error', 'thin-pool'];

/** The paths of the disks of a world. */
export type DiskPaths = Readonly<Record<keyof Disks, string>>;

/** The block half of /proc/devices has the device mapper's major number. */
function deviceMapperMajor(): number {
  const found = /^ *(\d+) device-mapper$/m.exec(readFileSync('/proc/devices', 'utf8'));
  if (!found) throw new Error('There is no device mapper in /proc/devices');
  return Number(found[1]);
}

async function disksAt(paths: DiskPaths): Promise<Disks> {
  const disks = Object.entries(paths).map(async ([word, path]) => {
    const dev = formatDev(BigInt(statSync(path).rdev));
    return [word, { dev, path, sectors: (await blockDeviceSize(path)) / SECTOR }];
  });
  return Object.fromEntries(await Promise.all(disks)) as Disks;
}

/** The kernel as it is; it must have no device, so that numbers are given out from 0. */
export async function realWorld(paths: DiskPaths): Promise<World> {
  // Nodes below /dev/mapper are no affair of the kernel's, and udev's work is not waited for.
  const dm = await DeviceMapper.open({ nodes: false, udev: { sync: false }, threads: false });
  // Linux 6.1 finds the module of a pool by its name, and not by that of a thin device.
  for (const type of MODULES) await dm.targetVersion(type);
  const there = await dm.list();
  if (there.length > 0) throw new Error(`There are devices already: ${there[0]!.name}`);
  const open = ({ path }: { readonly path: string }): (() => Promise<void>) => {
    const fd = openSync(path, 'r');
    return async () => closeSync(fd);
  };
  const [version, disks] = [await dm.version(), await disksAt(paths)];
  const holds = new Holds(dm, { open });
  return { dm, version, major: deviceMapperMajor(), disks, holds, settleMs: SETTLE_MS };
}

/** Make a metadata disk one that no pool has ever used. */
export function wipe(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, Buffer.alloc(SUPERBLOCK));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
