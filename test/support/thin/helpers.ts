// An active pool on the model kernel, for tests of errors and races.

import { thinPool } from '../../../src/dm/targets/index.ts';
import { DeviceMapper, type Transport } from '../../../src/index.ts';
import { type ModelKernel, modelKernel } from '../../../src/testing/index.ts';
import type { OpenPoolOptions } from '../../../src/thin/pool/options.ts';
import { ThinPool } from '../../../src/thin/pool/pool.ts';

interface Options extends OpenPoolOptions {
  /** Called right after the kernel has executed a message that creates a thin device. */
  readonly afterCreateThin?: (kernel: ModelKernel) => void;
}

/** A pool of 1000 data blocks of 64 KiB. */
export async function modelPool({ afterCreateThin, ...options }: Options = {}): Promise<{
  readonly kernel: ModelKernel;
  readonly dm: DeviceMapper;
  readonly pool: ThinPool;
}> {
  const kernel = modelKernel({
    disks: [
      { dev: '8:0', path: '/dev/meta', sectors: 4096 },
      { dev: '8:16', path: '/dev/data', sectors: 128_000 },
    ],
  });
  const transport: Transport = {
    ...kernel,
    ioctl: async (call) => {
      const isCreateThin = call.buffer.includes('create_thin');
      const reply = await kernel.ioctl(call);
      if (isCreateThin) afterCreateThin?.(kernel);
      return reply;
    },
  };
  const dm = await DeviceMapper.open({ transport });
  const devices = { metadataDevice: '/dev/meta', dataDevice: '/dev/data' };
  await dm.create('pool', {
    table: [thinPool({ ...devices, length: 128_000, lowWaterMark: 10 })],
  });
  return { kernel, dm, pool: await ThinPool.open(dm, 'pool', options) };
}
