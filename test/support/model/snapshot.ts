// The complete state of a device mapper in a comparable form.

import type { DeviceEntry, DeviceInfo, DeviceMapper, DeviceStatus } from '../../../src/index.ts';

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

/** All devices in the order of the list. */
export type Snapshot = readonly DeviceSnapshot[];

/** Take a snapshot of all devices. */
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
  // Without an inactive table, one query is enough.
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

/** The number of used metadata blocks and the block of the metadata snapshot differ between kernels. */
const hidePoolDetails = (status: string): string =>
  status.replace(
    /^(\d+) \d+(\/\d+ \d+\/\d+) (\d+|-)(?= (rw|ro|out_of_data_space) )/,
    (_, txid, figures, root) => `${txid} _${figures} ${root === '-' ? '-' : '_'}`,
  );

/**
 * A snapshot as text, equal for kernels with equal behaviour: numbers that differ between kernels are hidden. It has the
 * texts of targets, not their parsed forms.
 */
export const comparable = (value: unknown): string =>
  JSON.stringify(
    value,
    (key, part) => {
      if (key === 'record') return undefined;
      if (typeof part === 'bigint') return `${part}n`;
      return typeof part === 'string' ? hidePoolDetails(part) : part;
    },
    1,
  ) ?? 'undefined';
