// The running kernel as a world, for use in a disposable guest.

import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { DeviceMapper, formatDev } from '../../../src/index.ts';
import { blockDeviceSize } from '../../../src/ioctl/index.ts';
import { type Disks, Holds, type World } from './world.ts';

const SUPERBLOCK = 4096;
const SECTOR = 512n;
/** Limit in milliseconds, long enough for a busy emulated machine. */
const SETTLE_MS = 10_000;

/** Target types whose modules may have to be loaded. */
const MODULES = ['linear', 'striped', 'zero', 'error', 'thin-pool'];

/** The paths of the disks of a world. */
export type DiskPaths = Readonly<Record<keyof Disks, string>>;

/** The device mapper's major number, from the block devices in /proc/devices. */
function deviceMapperMajor(): number {
  const found = /^ *(\d+) device-mapper$/m.exec(readFileSync('/proc/devices', 'utf8'));
  if (!found) throw new Error('cannot find device-mapper in /proc/devices');
  return Number(found[1]);
}

async function disksAt(paths: DiskPaths): Promise<Disks> {
  const disks = Object.entries(paths).map(async ([word, path]) => {
    const dev = formatDev(BigInt(statSync(path).rdev));
    return [word, { dev, path, sectors: (await blockDeviceSize(path)) / SECTOR }];
  });
  return Object.fromEntries(await Promise.all(disks)) as Disks;
}

/** The running kernel. It must have no devices, so that minor numbers start at 0. */
export async function realWorld(paths: DiskPaths): Promise<World> {
  // The kernel does not manage nodes in /dev/mapper, and this world does not wait for udev.
  const dm = await DeviceMapper.open({ nodes: false, udev: { sync: false }, threads: false });
  // Linux 6.1 finds the module by the type thin-pool, but not by the type thin.
  for (const type of MODULES) await dm.targetVersion(type);
  const there = await dm.list();
  if (there.length > 0)
    throw new Error(`expected a kernel without devices, found ${there[0]!.name}`);
  const open = ({ path }: { readonly path: string }): (() => Promise<void>) => {
    const fd = openSync(path, 'r');
    return async () => closeSync(fd);
  };
  const [version, disks] = [await dm.version(), await disksAt(paths)];
  const holds = new Holds(dm, { open });
  return { dm, version, major: deviceMapperMajor(), disks, holds, settleMs: SETTLE_MS };
}

/** Clear a metadata disk, as if no pool had used it. */
export function wipe(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, Buffer.alloc(SUPERBLOCK));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
