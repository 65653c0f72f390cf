// The space of thin devices and their differences, as the library reads them from the metadata of a live pool, are those that
// thin_ls, thin_dump and thin_delta find. FC_RUNS is the number of pools, and FC_SEED the seed.

import test from 'ava';
import { compareThins, readThins } from '../../../src/thin/index.ts';
import { parseThinDelta } from '../../../src/thin/tools/thin-delta.ts';
import { parseThinDump } from '../../../src/thin/tools/thin-dump.ts';
import { LS_FIELDS, parseThinLs } from '../../../src/thin/tools/thin-ls.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { changeThins } from '../../support/kernel/random-thins.ts';
import { MiB, openDm } from '../../support/kernel/scratch.ts';
import { metadataTool, testPool } from '../../support/kernel/thin.ts';
import { runOptions } from '../../support/model/sequences.ts';
import { randomFrom } from '../../support/random.ts';
import { all } from '../../support/thin/tool-output/documents.ts';

/** Each run without FC_SEED tries the same pools. */
const { runs: POOLS, seed: SEED } = runOptions(2, 1);
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
    const ids = await changeThins(pool, (below) => Math.floor(random() * below));
    const usage = await all(pool.thins());
    const differences = new Map<string, unknown>();
    for (const left of ids) {
      for (const right of ids) {
        differences.set(`${left} ${right}`, await all(pool.compare(left, right, { same: true })));
      }
    }
    await pool.deactivate();
    t.deepEqual(await all(readThins(metadata)), usage);

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
      t.deepEqual(found, items, pair);
      t.deepEqual(
        await all(compareThins(metadata, Number(left), Number(right))),
        items.filter(({ kind }) => kind !== 'same'),
        pair,
      );
    }
  });
}

test.serial('nothing is left', assertNothingLeft);
