// The thin devices that the library reads from the metadata of a live pool are those that thin_dump lists.

import test from 'ava';
import { openDm } from '../../support/kernel/scratch.ts';
import { metadataTool, testPool } from '../../support/kernel/thin.ts';

for (const count of [0, 3, 400]) {
  test(`${count} thin devices`, async (t) => {
    const dm = await openDm(t);
    const { pool, metadata } = await testPool(t, dm);
    for (let index = 0; index < count; index++) {
      const id = index * 41_000;
      if (index % 3 === 1) await pool.createSnap(id, 0);
      else await pool.createThin(id);
      if (index % 100 === 0) {
        await pool.setTransactionId(BigInt(index / 100), BigInt(index / 100 + 1));
      }
    }
    const details = [...(await pool.thinDetails())].toSorted(([a], [b]) => a - b);
    t.is(details.length, count);
    await pool.deactivate();
    const dump = metadataTool('thin_dump', metadata);
    const lines = /dev_id="(\d+)" mapped_blocks="(\d+)" transaction="(\d+)" creation_time="(\d+)"/g;
    t.deepEqual(
      details.map(([id, { mappedBlocks, transactionId, creationTime }]) => [
        id,
        Number(mappedBlocks),
        Number(transactionId),
        creationTime,
      ]),
      [...dump.matchAll(lines)].map(([, ...words]) => words.map(Number)),
    );
  });
}
