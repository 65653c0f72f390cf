// The operations through the library: `threads`, `inline` (threads: false), or `pool` (ThinPool). The protocol of peer.h.

import { DeviceMapper } from 'dmts';
import { linear, thin } from 'dmts/targets';
import { ThinPool } from 'dmts/thin';
import { LINEAR_LENGTH, LONG_LINE, LONG_TABLE, ORIGIN } from '../place.ts';
import { type Run, serve } from './serve.ts';

const [mode = '', pool = '', poolDev = '', disk = '', length = ''] = process.argv.slice(2);
const thinLength = Number(length);

function deviceOperations(dm: DeviceMapper): Readonly<Record<string, Run>> {
  return {
    version: () => dm.version(),
    status: () => dm.status('bench-fixed'),
    suspend_resume: async () => {
      await dm.suspend('bench-fixed');
      await dm.resume('bench-fixed');
    },
    create_thin: (index) => dm.message(pool, `create_thin ${index}`),
    create_snap: (index) => dm.message(pool, `create_snap ${index} ${ORIGIN}`),
    create_linear: (index) =>
      dm.create(`bench-${index}`, { table: [linear({ length: LINEAR_LENGTH, device: disk })] }),
    activate: (index) =>
      dm.create(`bench-${index}`, {
        table: [thin({ length: thinLength, pool: poolDev, id: index })],
      }),
    remove: (index) => dm.remove(`bench-${index}`),
    deactivate: (index) => dm.remove(`bench-${index}`),
    list: () => dm.list(),
    load_long: () =>
      dm.load(
        'bench-long',
        Array.from({ length: LONG_TABLE }, (_, line) =>
          linear({ length: LONG_LINE, device: disk, offset: line * LONG_LINE }),
        ),
      ),
    read_long: () => dm.table('bench-long'),
  };
}

async function poolOperations(dm: DeviceMapper): Promise<Readonly<Record<string, Run>>> {
  const thins = await ThinPool.open(dm, pool);
  return {
    create_thin: (index) => thins.createThin(index),
    create_snap: (index) => thins.createSnap(index, ORIGIN),
    activate: (index) => thins.activateThin(index, { length: thinLength, name: `bench-${index}` }),
    deactivate: (index) => thins.deactivateThin(index),
  };
}

await using dm = await DeviceMapper.open({ threads: mode !== 'inline' });
await serve(mode === 'pool' ? await poolOperations(dm) : deviceOperations(dm));
