// A live pool that is taken up: one that is suspended may be another program's, which is changing it.

import test from 'ava';
import { thinPool } from '../../src/index.ts';
import { ThinPool } from '../../src/thin/pool.ts';
import { modelPool } from './helpers.ts';

const SHORT = thinPool({
  length: 128_000,
  metadataDevice: '/dev/meta',
  dataDevice: '/dev/data',
  lowWaterMark: 77,
});

test('a suspended pool is left as it is', async (t) => {
  const { dm } = await modelPool();
  await dm.suspend('pool', { noFlush: true });
  await t.throwsAsync(ThinPool.open(dm, 'pool'), {
    code: 'ERR_POOL_SUSPENDED',
    message:
      'thin pool \'pool\': it is suspended: its owner may be changing it. Wait for its owner. If that has died: "dmts resume pool --noflush" lets the pool run',
  });
  t.true((await dm.info('pool')).suspended);
});

test('a table that waits is not swapped in', async (t) => {
  const { dm } = await modelPool();
  await dm.load('pool', [SHORT]);
  await dm.suspend('pool', { noFlush: true });
  const before = await dm.table('pool', { noFlush: true });
  await t.throwsAsync(ThinPool.open(dm, 'pool'), {
    code: 'ERR_POOL_SUSPENDED',
    message: /a table waits to replace its own: .*"dmts clear pool" drops the table that waits/,
  });
  t.deepEqual(await dm.table('pool', { noFlush: true }), before);
});

test('a pool of our own is resumed on its live table, and what waits is dropped', async (t) => {
  const { dm } = await modelPool();
  await dm.load('pool', [SHORT]);
  await dm.suspend('pool', { noFlush: true });
  const { targets } = await dm.table('pool', { noFlush: true });
  await ThinPool.open(dm, 'pool', { owned: true });
  const after = await dm.table('pool', { noFlush: true });
  t.deepEqual(after.targets, targets);
  t.like(after.info, { suspended: false, inactive: false });
});

test('a table that waits for a pool that runs is left alone', async (t) => {
  const { dm } = await modelPool();
  await dm.load('pool', [SHORT]);
  await ThinPool.open(dm, 'pool');
  t.true((await dm.info('pool')).inactive);
});
