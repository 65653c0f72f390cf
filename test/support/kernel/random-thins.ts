// Random thin devices of a pool: what programs do with them over time.

import type { ThinPool } from '../../../src/thin/index.ts';
import { writeSectors } from './device-io.ts';
import { output } from './scratch.ts';
import { BLOCK } from './thin.ts';

/** Blocks of a thin device: several leaves. */
const BLOCKS = 2000;
const STEPS = 12;
const DEVICES_MAX = 4;
const SECTOR = Buffer.alloc(512, 'x');

/** A whole number from 0 up to, and without, `below`. */
export type Random = (below: number) => number;

/** Creates, writes, discards, grows and deletes thin devices. @returns the ids that remain */
export async function changeThins(pool: ThinPool, random: Random): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    if (ids.length < DEVICES_MAX && random(2) === 0) {
      const id = step * 7;
      if (ids.length === 0 || random(4) === 0) await pool.createThin(id);
      else await pool.createSnap(id, ids[random(ids.length)]!);
      ids.push(id);
    } else if (ids.length > 2 && random(6) === 0) {
      const [id] = ids.splice(random(ids.length), 1);
      await pool.deleteThin(id!);
    }
    const id = ids[random(ids.length)];
    if (id !== undefined) await write(pool, id, random);
  }
  return ids;
}

/** Writes and discards parts of a device, which is a quarter larger now and then. */
async function write(pool: ThinPool, id: number, random: Random): Promise<void> {
  const length = random(3) === 0 ? BLOCKS * 1.25 : BLOCKS;
  const { path } = await pool.activateThin(id, { length: length * BLOCK });
  for (let part = 0; part < 3; part++) {
    const [begin, count] = [random(length - 60), 1 + random(60)];
    if (random(3) === 0) {
      const bytes = [begin, count].map((blocks) => String(blocks * BLOCK * 512));
      output('blkdiscard', '--offset', bytes[0]!, '--length', bytes[1]!, path);
    } else {
      for (let block = begin; block < begin + count; block += 1 + random(2)) {
        writeSectors(path, block * BLOCK, SECTOR);
      }
    }
  }
  await pool.deactivateThin(id);
}
