// The devices for random tables: some empty disks and a thin pool. Generated tables name them by placeholders, so that a
// table is the same whatever numbers the loop devices have.

import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { DeviceMapper } from '../../../../src/index.ts';
import { attachLoop, detachLoop } from '../../../../src/ioctl/index.ts';
import { numberOf } from '../../../support/kernel/device-io.ts';
import { MiB, scratchDirectory, scratchPool } from '../../../support/kernel/scratch.ts';

/** Number of disks. */
export const DISKS = 8;
const SIZE = 16 * MiB;

/** `/disk/0` stands for the path of the first disk, `/number/0` for its `major:minor`; `pool` is a thin pool. */
const STANDS_FOR_DEVICE = /\/(disk|number)\/(\d|pool)(?!\S*\/)/g;

/** The placeholder of the pool. */
export const POOL = '/disk/pool';

/** The disks of a test, removed when it ends. */
export interface Place {
  /** The text with the devices in place of the placeholders. */
  readonly inWords: (text: string) => string;
  /** The same with all devices by number, as the kernel prints tables. */
  readonly inNumbers: (text: string) => string;
  /** Empty every disk, so that each table finds the same content. */
  readonly wipe: () => void;
}

/** Disks on sparse files, and a pool with thin devices 0 and 1. */
export async function openPlace(t: ExecutionContext, dm: DeviceMapper): Promise<Place> {
  const files: string[] = [];
  const devices = new Map<string, string>();
  for (let i = 0; i < DISKS; i++) {
    const file = join(scratchDirectory(t), 'disk');
    writeFileSync(file, '');
    truncateSync(file, SIZE);
    const { path } = await attachLoop(file);
    t.teardown(() => detachLoop(path));
    files.push(file);
    devices.set(String(i), path);
  }
  const pool = await scratchPool(t, dm);
  for (const id of [0, 1]) await dm.message(pool.name, `create_thin ${id}`);
  devices.set('pool', pool.path);

  const pathOf = (name: string): string => devices.get(name) ?? `/dev/no-disk-${name}`;
  const numbers = new Map([...devices].map(([name, path]) => [name, numberOf(path)]));
  const numberNamed = (name: string): string => numbers.get(name) ?? pathOf(name);
  return {
    inWords: (text) =>
      text.replace(STANDS_FOR_DEVICE, (_, form: string, name: string) =>
        form === 'disk' ? pathOf(name) : numberNamed(name),
      ),
    inNumbers: (text) =>
      text.replace(STANDS_FOR_DEVICE, (_, _form: string, name: string) => numberNamed(name)),
    wipe: () => {
      for (const file of files) {
        truncateSync(file, 0);
        truncateSync(file, SIZE);
      }
    },
  };
}

const DEVICE = /^(\d+:\d+|\/\S*)$/;

/** The record with its devices replaced, in order, by placeholders. */
export function placed<T>(record: T): T {
  let next = 0;
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') {
      if (!DEVICE.test(value) || value === POOL) return value;
      return `${value.startsWith('/') ? '/disk' : '/number'}/${next++ % DISKS}`;
    }
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part)]));
  };
  return walk(record) as T;
}
