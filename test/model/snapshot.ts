// Everything that can be asked of a device mapper, in a form that can be compared.

import type { DeviceEntry, DeviceInfo, DeviceMapper, DeviceStatus } from '../../src/index.ts';

/** One device. */
export interface DeviceSnapshot {
  readonly entry: DeviceEntry;
  readonly info: DeviceInfo;
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
  const inactiveTable = await dm.table(ref, { noFlush, inactive });
  // Where there is no inactive table, one question shows it.
  const { inactive: both } = inactiveTable.info;
  const table = await dm.table(ref, { noFlush });
  return {
    entry,
    info: table.info,
    table,
    inactiveTable,
    status: await dm.status(ref, { noFlush }),
    inactiveStatus: both ? await dm.status(ref, { noFlush, inactive }) : inactiveTable,
    deps: await dm.deps(ref),
    inactiveDeps: both ? await dm.deps(ref, { inactive }) : [],
  };
}

/** How many metadata blocks a pool uses, and which one its snapshot holds, is its own affair. */
const hidePoolFigures = (status: string): string =>
  status.replace(
    /^(\d+) \d+(\/\d+ \d+\/\d+) (\d+|-)(?= (rw|ro|out_of_data_space) )/,
    (_, txid, figures, root) => `${txid} _${figures} ${root === '-' ? '-' : '_'}`,
  );

/**
 * The same in every kernel that behaves the same: as text, with figures hidden that are a kernel's own affair.
 * What the library reads out of a target's text is left to the text.
 */
export const comparable = (value: unknown): string =>
  JSON.stringify(
    value,
    (key, part) => {
      if (key === 'record') return undefined;
      if (typeof part === 'bigint') return `${part}n`;
      return typeof part === 'string' ? hidePoolFigures(part) : part;
    },
    1,
  ) ?? 'undefined';
