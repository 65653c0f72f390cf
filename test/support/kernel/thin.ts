// Thin pools for a test on new files, removed with all their devices when the test ends.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { WorkingThinPool } from '../../../src/dm/targets/index.ts';
import { type DeviceInfo, type DeviceMapper, isDmError } from '../../../src/index.ts';
import { type CreatePoolOptions, type OpenPoolOptions, ThinPool } from '../../../src/thin/index.ts';
import { readSectors, writeSectors } from './device-io.ts';
import { MiB, output, scratchDirectory, uniqueName } from './scratch.ts';

/** Default sectors of a data block in these tests: 64 KiB. */
export const BLOCK = 128;
/** Sectors of a thin device in these tests. */
export const THIN: number = 64 * BLOCK;

type Options = Partial<CreatePoolOptions> & OpenPoolOptions;

/** A pool on two sparse files, and their paths. */
export interface TestPool {
  readonly pool: ThinPool;
  readonly metadata: string;
  readonly data: string;
}

/** Only a device with hanging I/O must lose its table first, which takes three times as long. */
async function removeQuickly(dm: DeviceMapper, dev: bigint): Promise<void> {
  try {
    await dm.remove({ dev });
  } catch (error) {
    if (!isDmError(error, 'EBUSY')) throw error;
    await dm.remove({ dev }, { force: true, retryMs: 10_000 });
  }
}

/** Remove a pool in any state, with the devices on it. */
export async function removePool(dm: DeviceMapper, name: string): Promise<void> {
  try {
    const { dev } = await dm.info(name);
    for (const device of await dm.list()) {
      if (device.dev === dev || !(await dm.deps({ dev: device.dev })).includes(dev)) continue;
      await removeQuickly(dm, device.dev);
    }
    if ((await dm.info(name)).suspended) await dm.resume(name, { noFlush: true });
    await dm.remove(name, { retryMs: 10_000 });
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
  }
}

/** A new pool, by default with 64 MiB of data and 4 MiB of metadata. */
export async function testPool(
  t: ExecutionContext,
  dm: DeviceMapper,
  options: Options = {},
): Promise<TestPool> {
  const directory = scratchDirectory(t);
  const files = { metadata: join(directory, 'metadata'), data: join(directory, 'data') };
  const name = uniqueName('pool');
  t.teardown(() => removePool(dm, name));
  const pool = await ThinPool.create(dm, name, {
    ...files,
    metadataSize: BigInt(4 * MiB),
    dataSize: BigInt(64 * MiB),
    ...options,
  });
  return { pool, ...files, ...options };
}

/** An active, empty thin device. */
export async function testThin(pool: ThinPool, id = 0, length: number = THIN): Promise<DeviceInfo> {
  await pool.createThin(id);
  return pool.activateThin(id, { length });
}

/** The status of a working pool. */
export async function working(pool: ThinPool): Promise<WorkingThinPool> {
  const status = await pool.status();
  if (status.state !== 'working') throw new Error(`The pool is ${status.state}`);
  return status;
}

/** Used data blocks. A completed write may not be counted yet: the pool commits once a second. */
export const used = async (pool: ThinPool): Promise<bigint> => (await working(pool)).data.used;

/** Fill whole blocks of a device with a letter. */
export function fill(device: DeviceInfo, letter: string, block = 0, blocks = 1): void {
  writeSectors(device.path, block * BLOCK, Buffer.alloc(blocks * BLOCK * 512, letter));
}

/** The letter that fills each of some blocks of a device: `?` for mixed content, `.` for zeros. */
export function letters(device: DeviceInfo, block = 0, blocks = 1): string {
  const bytes = readSectors(device.path, block * BLOCK, blocks * BLOCK);
  return Array.from({ length: blocks }, (_, i) => {
    const one = bytes.subarray(i * BLOCK * 512, (i + 1) * BLOCK * 512);
    if (!one.every((byte) => byte === one[0])) return '?';
    return one[0] === 0 ? '.' : String.fromCharCode(one[0]!);
  }).join('');
}

/**
 * Run a tool on a device or a file of metadata. A file gets a loop device: the tools bypass the page cache, which does not
 * work for a file on tmpfs before Linux 6.6. `options` come before the device.
 */
export function metadataTool(program: string, path: string, ...options: string[]): string {
  if (statSync(path).isBlockDevice()) return output(program, ...options, path);
  const loop = output('losetup', '--find', '--show', path).trim();
  try {
    return output(program, ...options, loop);
  } finally {
    output('losetup', '--detach', loop);
  }
}
