// Devices for a test, and what is left of them when it is over: nothing.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { thinPool } from '../../../src/dm/targets/index.ts';
import {
  type CreateOptions,
  type DeviceInfo,
  DeviceMapper,
  isDmError,
  type OpenOptions,
} from '../../../src/index.ts';
import { attachLoop, detachLoop } from '../../../src/ioctl/index.ts';

export const MiB: number = 1024 ** 2;
const SECTOR = 512;

/** Whoever takes apart what it has had made: a test, when it is over. */
export type Owner = Pick<ExecutionContext, 'teardown'>;

let serial = 0;

/** A device name that no other test uses. */
export const uniqueName = (what = 'dev'): string => `dmts-test-${process.pid}-${what}-${serial++}`;

/** The device mapper, closed when the test is over. */
export async function openDm(
  t: ExecutionContext,
  options: OpenOptions = {},
): Promise<DeviceMapper> {
  const dm = await DeviceMapper.open(options);
  t.teardown(() => dm.close());
  return dm;
}

/** A directory of this test's own, gone when it is over. */
export function scratchDirectory(t: Owner): string {
  const directory = mkdtempSync(join(tmpdir(), 'dmts-test-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A loop device on a sparse file of `size` bytes, detached when the test is over. */
export async function scratchLoop(t: Owner, size: number = 8 * MiB): Promise<string> {
  const file = join(scratchDirectory(t), 'disk');
  writeFileSync(file, '');
  truncateSync(file, size);
  const { path } = await attachLoop(file);
  t.teardown(() => detachLoop(path));
  return path;
}

/** Remove a device when the test is over, if it is still there. */
export function removeAfter(t: Owner, name: string): void {
  t.teardown(async () => {
    await using dm = await DeviceMapper.open();
    try {
      await dm.remove(name, { force: true, retryMs: 10_000 });
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  });
}

/** A device, removed when the test is over. */
export async function scratchDevice(
  t: ExecutionContext,
  dm: DeviceMapper,
  options: CreateOptions = {},
  name: string = uniqueName(),
): Promise<DeviceInfo> {
  const info = await dm.create(name, options);
  removeAfter(t, name);
  return info;
}

/** How large a pool is, and what it does when it is full. */
export interface ScratchPoolOptions {
  /** Bytes. @default 64 MiB */
  readonly data?: number;
  /** Bytes. @default 4 MiB */
  readonly metadata?: number;
  readonly features?: Parameters<typeof thinPool>[0]['features'];
}

/** A thin pool on two loop devices, all gone when the test is over. */
export async function scratchPool(
  t: ExecutionContext,
  dm: DeviceMapper,
  { data = 64 * MiB, metadata = 4 * MiB, features = [] }: ScratchPoolOptions = {},
): Promise<DeviceInfo & { readonly metadataDevice: string; readonly dataDevice: string }> {
  const metadataDevice = await scratchLoop(t, metadata);
  const dataDevice = await scratchLoop(t, data);
  const info = await scratchDevice(
    t,
    dm,
    { table: [thinPool({ length: data / SECTOR, metadataDevice, dataDevice, features })] },
    uniqueName('pool'),
  );
  return { ...info, metadataDevice, dataDevice };
}

/** What a program prints; it must end with status 0. @throws Error with the lines of its stderr */
export const output = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
