// A pool called tank on the model kernel, with sysfs as far as it tells what stands on it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { DeviceMapper, thinPool } from '../../../src/index.ts';
import { type ModelKernel, modelKernel } from '../../../src/testing/index.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import type { Outcome } from './dmts.ts';
import { runOn, type World } from './in-process.ts';

/** The kernel, and `dmts` on it. */
export interface Tank {
  readonly kernel: ModelKernel;
  readonly dm: DeviceMapper;
  readonly run: (
    line: string,
    world?: Pick<World, 'isTTY' | 'stdin' | 'signal' | 'onOutput' | 'columns' | 'env' | 'input'>,
  ) => Promise<Outcome>;
}

/**
 * Tank has 1000 data blocks of 64 KiB, and is the first device. `holders`: the minors of what stands on it. `devDir`:
 * where nodes are.
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
  const dm = await DeviceMapper.open({ transport: kernel.connect() });
  const devices = { metadataDevice: '/dev/meta', dataDevice: '/dev/data' };
  await dm.create('tank', { table: [thinPool({ ...devices, length: 128_000, lowWaterMark: 10 })] });
  return {
    kernel,
    dm,
    run: (line, world = {}) => runOn(kernel.connect(), { sysDir, ...world }, ...line.split(' ')),
  };
}
