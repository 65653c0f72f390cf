// Everything that can be asked of a device mapper, in a form that can be compared.

import type { DeviceEntry, DeviceInfo, DeviceMapper, DeviceStatus } from '../../src/index.ts';

/** One device. */
export interface DeviceSnapshot {
  readonly entry: DeviceEntry;
  readonly info: DeviceInfo;
  readonly inactiveInfo: DeviceInfo;
  readonly table: DeviceStatus;
  readonly inactiveTable: DeviceStatus;
  readonly status: DeviceStatus;
  readonly inactiveStatus: DeviceStatus;
  readonly deps: readonly bigint[];
  readonly inactiveDeps: readonly bigint[];
}

/** All devices, in the order of the list. */
export type Snapshot = readonly DeviceSnapshot[];

/** Look at everything. */
export async function snapshot(dm: DeviceMapper): Promise<Snapshot> {
  const devices: DeviceSnapshot[] = [];
  for (const entry of await dm.list()) devices.push(await look(dm, entry));
  return devices;
}

async function look(dm: DeviceMapper, entry: DeviceEntry): Promise<DeviceSnapshot> {
  const ref = { dev: entry.dev };
  const inactive = true;
  const noFlush = true;
  return {
    entry,
    info: await dm.info(ref),
    inactiveInfo: await dm.info(ref, { inactive }),
    table: await dm.table(ref, { noFlush }),
    inactiveTable: await dm.table(ref, { noFlush, inactive }),
    status: await dm.status(ref, { noFlush }),
    inactiveStatus: await dm.status(ref, { noFlush, inactive }),
    deps: await dm.deps(ref),
    inactiveDeps: await dm.deps(ref, { inactive }),
  };
}

/** How many metadata blocks a pool uses, and which one its snapshot holds, is its own affair. */
const hidePoolFigures = (status: string): string =>
  status.replace(
    /^(\d+) \d+(\/\d+ \d+\/\d+) (\d+|-)(?= (rw|ro|out_of_data_space) )/,
    (_, txid, figures, root) => `${txid} _${figures} ${root === '-' ? '-' : '_'}`,
  );

/** The same in every kernel that behaves the same: as text, with figures hidden that are a kernel's own affair. */
export const comparable = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, part) => {
      if (typeof part === 'bigint') return `${part}n`;
      return typeof part === 'string' ? hidePoolFigures(part) : part;
    },
    1,
  ) ?? 'undefined';
