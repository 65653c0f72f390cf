// A pool called tank on the model kernel, with the sysfs entries of its holders.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { thinPool } from '../../../src/dm/targets/index.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { type ModelKernel, modelKernel } from '../../../src/testing/index.ts';
import { tempDir } from '../temp-dir.ts';
import type { Outcome } from './dmts.ts';
import { runOn, type World } from './in-process.ts';

/** The kernel, and a function that runs `dmts` on it. */
export interface Tank {
  readonly kernel: ModelKernel;
  readonly dm: DeviceMapper;
  readonly run: (
    line: string,
    world?: Pick<World, 'isTTY' | 'stdin' | 'signal' | 'onOutput' | 'columns' | 'env' | 'input'>,
  ) => Promise<Outcome>;
}

/**
 * Create tank, with 1000 data blocks of 64 KiB, as the first device. `holders`: the minors of the devices on top of it.
 * `devDir`: the directory of the nodes.
 */
export async function modelTank(
  t: ExecutionContext,
  holders: readonly number[] = [],
  devDir = '/dev',
): Promise<Tank> {
  const kernel = modelKernel({
    devDir,
    disks: [
      { dev: '8:0', path: '/dev/meta', sectors: 4096 },
      { dev: '8:16', path: '/dev/data', sectors: 256_000 },
    ],
  });
  const sysDir = tempDir(t);
  for (const minor of holders) {
    mkdirSync(join(sysDir, `dev/block/253:0/holders/dm-${minor}`), { recursive: true });
  }
  const dm = await DeviceMapper.open({ transport: kernel.connect(), devDir });
  const devices = { metadataDevice: '/dev/meta', dataDevice: '/dev/data' };
  await dm.create('tank', { table: [thinPool({ ...devices, length: 128_000, lowWaterMark: 10 })] });
  return {
    kernel,
    dm,
    run: (line, world = {}) => runOn(kernel.connect(), { sysDir, ...world }, ...line.split(' ')),
  };
}
