// dmts thin grow

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { type Bytes, SECTOR } from '../../dm/text/units.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { withPool, withPoolAndId } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, printJson } from '../support/json.ts';
import { type Growth, grown, growth, wholeSectors } from '../support/numbers.ts';

/** The current size. 0 for an inactive thin device, which the library then rejects. */
async function sizeNow(pool: ThinPool, dm: DeviceMapper, id: number): Promise<Bytes> {
  const device = await pool.activeThin(id);
  if (device === undefined) return 0n;
  const { targets } = await dm.table({ dev: device.dev }, { noFlush: true });
  return targets[0]!.length * SECTOR;
}

/** `dmts thin grow` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'grow',
    details:
      'The command grows it to SIZE, or by SIZE after a +. Grow its filesystem afterwards with resize2fs or xfs_growfs. Give the new size at the next activation too.',
    examples: ['dmts thin grow tank 1 2g', 'dmts thin grow tank 1 +512m'],
  });
  withPoolAndId(command)
    .argument('<size>', 'SIZE or +SIZE', growth('SIZE'))
    .action(async (name: string, id: number, size: Growth, { json }: JsonOption) => {
      const info = await withPool(io, name, async (pool, dm) => {
        const now = size.relative ? await sizeNow(pool, dm, id) : 0n;
        const length = wholeSectors(grown({ now, block: SECTOR, what: 'SIZE' }, size), 'SIZE');
        return pool.growThin(id, length, { signal: io.signal });
      });
      if (json) printJson(io, { pool: name, id, device: deviceRecord(info) });
    });
}
