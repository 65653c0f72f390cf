// A thin device that another program creates in the pool of a storage. No record names it.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { thin } from '../../../src/dm/targets/index.ts';
import type { DeviceMapper } from '../../../src/index.ts';

const BLOCK = 64 * 1024;
/** No other thin device of the tests has so few blocks. */
const BLOCKS = 3;
const NAME = 'dmts-test-unrecorded';

/** Creates a thin device with content, and leaves it inactive. */
export async function createUnrecorded(dm: DeviceMapper, pool: string, id: number): Promise<void> {
  await dm.message(pool, `create_thin ${id}`);
  const { path } = await dm.info(pool);
  const length = (BLOCKS * BLOCK) / 512;
  const device = await dm.create(NAME, { table: [thin({ length, pool: path, id })] });
  const file = openSync(device.path, 'r+');
  writeSync(file, Buffer.alloc(BLOCKS * BLOCK, 'unrecorded'));
  fsyncSync(file);
  closeSync(file);
  await dm.remove(NAME, { retryMs: 10_000 });
}
