// What a storage does when the pool, the kernel or the disk refuses something in the middle of a change.

import test from 'ava';
import { MiB, openDm } from '../helpers/scratch.ts';
import { openStorage, storageRoot } from '../helpers/storage.ts';
import { testPool } from '../helpers/thin.ts';

const DATA = { dataSize: BigInt(256 * MiB) };

test('a layer is removed from a pool that ignores discards', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { ...DATA, features: ['ignore_discard'] });
  const options = [`dm.thinpooldev=${pool.name}`, 'dm.blkdiscard=true'];
  const storage = await openStorage(t, storageRoot(t), options);
  await storage.create('a');
  await storage.remove('a');
  t.false(storage.exists('a'));
});
