// The devices of the benchmark in the guest: a pool on the first two disks, and the devices of all peers.

import { execFileSync } from 'node:child_process';
import { DeviceMapper, formatDev } from 'dmts';
import { thinPool } from 'dmts/targets';
import { type Place, POOL, placeWords } from '../place.ts';
import { PeerProcess } from './peer-process.ts';

/** Creates the devices. @returns where they are, and the raw peer that prepares and removes devices for the others */
export async function createWorld(
  programs: string,
): Promise<{ readonly place: Place; readonly helper: PeerProcess }> {
  const [metadataDevice = '', dataDevice = '', disk = ''] = (process.env['DMTS_DISKS'] ?? '').split(
    ' ',
  );
  await using dm = await DeviceMapper.open();
  const length = Number(execFileSync('blockdev', ['--getsz', dataDevice], { encoding: 'utf8' }));
  const { dev } = await dm.create(POOL, {
    table: [thinPool({ length, metadataDevice, dataDevice })],
  });
  const place = { poolDev: formatDev(dev), disk };
  const helper = new PeerProcess([`${programs}/raw`, ...placeWords(place)]);
  for (const step of ['make_fixed', 'make_long', 'create_origin']) await helper.ask(`${step} 1`);
  return { place, helper };
}
