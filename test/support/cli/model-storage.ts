// A storage directory with a pool on the model kernel. Nothing is mounted.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { DeviceMapper } from '../../../src/dm/device/device-mapper.ts';
import { thin } from '../../../src/dm/targets/index.ts';
import { ext4Head } from '../storage/heads.ts';
import { tempDir } from '../temp-dir.ts';
import type { Outcome } from './dmts.ts';
import type { World } from './in-process.ts';
import { runOn } from './in-process.ts';
import { modelTank } from './model-tank.ts';

const GIB = 1024n ** 3n;
const UUID = '0d5a6c1e-6f1b-4d0e-9a55-2f3a1c7b9e42';

/** The directory, and a function that runs `dmts storage` on it. */
export interface ModelStorage {
  readonly root: string;
  /** The device mapper of the model kernel. */
  readonly dm: DeviceMapper;
  /** Adds `--root` and the pool. */
  readonly run: (line: string, world?: StorageWorld) => Promise<Outcome>;
  /** Activate the device of a layer, and open it; the result closes it. */
  readonly hold: (id: string) => Promise<() => void>;
}

type StorageWorld = Pick<World, 'isTTY' | 'stdin' | 'signal'>;

/** The text of a layer's record. */
export const layerFile = (deviceId: number, more: object = {}): string =>
  JSON.stringify({
    device_id: deviceId,
    size: Number(GIB),
    transaction_id: 0,
    initialized: false,
    deleted: false,
    ...more,
  });

/** A storage with a base device of 1 GiB and no layers, in the pool tank. */
export async function modelStorage(t: ExecutionContext): Promise<ModelStorage> {
  const devices = tempDir(t);
  const { kernel, dm } = await modelTank(t, [], devices);
  await dm.message('tank', 'create_thin 0');
  const root = tempDir(t);
  const metadata = join(root, 'metadata');
  mkdirSync(metadata);
  writeFileSync(join(metadata, 'base'), layerFile(0, { initialized: true }));
  const set = { next_device_id: 0, BaseDeviceUUID: UUID, BaseDeviceFilesystem: 'ext4' };
  writeFileSync(join(metadata, 'deviceset-metadata'), JSON.stringify(set));
  // The pool is dm-0, and the base device the next one, or the one after a held device.
  for (const node of ['dm-1', 'dm-2']) {
    writeFileSync(join(devices, node), ext4Head({ uuid: UUID, size: GIB }));
  }
  const place = ['--root', root, '--storage-opt', 'dm.thinpooldev=tank'];
  const run: ModelStorage['run'] = (line, world = {}) =>
    runOn(
      kernel.connect(),
      { env: { DM_DEV_DIR: devices }, ...world },
      'storage',
      ...place,
      ...line.split(' '),
    );
  const hold = async (id: string): Promise<() => void> => {
    const { DeviceId, DeviceName } = JSON.parse((await run(`inspect ${id} --json`)).stdout);
    await dm.create(DeviceName, {
      table: [thin({ pool: '253:0', id: Number(DeviceId), length: GIB / 512n })],
    });
    kernel.hold(DeviceName);
    return () => kernel.release(DeviceName);
  };
  return { root, dm, run, hold };
}
