// The space of thin devices and their differences, as the library reads them from the metadata of a live pool, are those that
// thin_ls, thin_dump and thin_delta find. FC_RUNS is the number of pools, and FC_SEED the seed.

import test from 'ava';
import { parseThinDelta } from '../../../src/thin/tools/thin-delta.ts';
import { parseThinDump } from '../../../src/thin/tools/thin-dump.ts';
import { LS_FIELDS, parseThinLs } from '../../../src/thin/tools/thin-ls.ts';
import { writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, openDm, output } from '../../support/kernel/scratch.ts';
import { BLOCK, metadataTool, type TestPool, testPool } from '../../support/kernel/thin.ts';
import { runOptions } from '../../support/model/sequences.ts';
import { randomFrom } from '../../support/random.ts';
import { all } from '../../support/thin/tool-output/documents.ts';

/** Each run without FC_SEED tries the same pools. */
const { runs: POOLS, seed: SEED } = runOptions(2, 1);
/** Blocks of a thin device: several leaves. */
const BLOCKS = 2000;
const STEPS = 12;
const DEVICES_MAX = 4;
const SECTOR = Buffer.alloc(512, 'x');

type Random = (below: number) => number;

/** Creates, writes, discards, grows and deletes thin devices. @returns the ids that remain */
async function change({ pool }: TestPool, random: Random): Promise<readonly number[]> {
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
async function write(pool: TestPool['pool'], id: number, random: Random): Promise<void> {
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

/** The last mapped block of each device, from thin_dump. */
async function highestBlocks(metadata: string): Promise<ReadonlyMap<number, bigint>> {
  const found = new Map<number, bigint>();
  const dump = metadataTool('thin_dump', metadata);
  for await (const item of parseThinDump([dump.split('\n')])) {
    if (item.kind === 'mapping') found.set(item.device, item.origin + item.length - 1n);
  }
  return found;
}

for (let index = 0; index < POOLS; index++) {
  const seed = SEED + index;
  test.serial(`pool ${index + 1} of ${POOLS}`, async (t) => {
    t.log(`FC_SEED=${seed}`);
    const dm = await openDm(t);
    const made = await testPool(t, dm, { dataSize: BigInt(256 * MiB) });
    const { pool, metadata } = made;
    const random = randomFrom(seed);
    const ids = await change(made, (below) => Math.floor(random() * below));
    const usage = await all(pool.thins());
    const differences = new Map<string, unknown>();
    for (const left of ids) {
      for (const right of ids) {
        differences.set(`${left} ${right}`, await all(pool.compare(left, right)));
      }
    }
    await pool.deactivate();

    const listed = metadataTool('thin_ls', metadata, '--no-headers', '--format', LS_FIELDS.join());
    const highest = await highestBlocks(metadata);
    t.deepEqual(
      usage,
      listed
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '')
        .map(parseThinLs)
        .map((thin) => ({ ...thin, highestBlock: highest.get(thin.id) })),
    );
    for (const [pair, found] of differences) {
      const [left = '', right = ''] = pair.split(' ');
      const delta = metadataTool('thin_delta', metadata, '--thin1', left, '--thin2', right);
      const items = await all(parseThinDelta([delta.split('\n')]));
      t.deepEqual(
        found,
        items.filter(({ kind }) => kind !== 'same'),
        pair,
      );
    }
  });
}

test.serial('nothing is left', assertNothingLeft);
