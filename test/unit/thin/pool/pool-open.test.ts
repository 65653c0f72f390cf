// Opening an active pool. Another program may have suspended it to change it.

import test from 'ava';
import { thinPool } from '../../../../src/dm/targets/index.ts';
import { ThinPool } from '../../../../src/thin/pool/pool.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

const SHORT = thinPool({
  length: 128_000,
  metadataDevice: '/dev/meta',
  dataDevice: '/dev/data',
  lowWaterMark: 77,
});

test('a suspended pool is rejected and remains unchanged', async (t) => {
  const { dm } = await modelPool();
  await dm.suspend('pool', { noFlush: true });
  await t.throwsAsync(ThinPool.open(dm, 'pool'), {
    code: 'ERR_POOL_SUSPENDED',
    message:
      'thin pool \'pool\': it is suspended: another program may be changing it. Wait for that program. If it has died: "dmts resume pool --noflush" resumes the pool',
  });
  t.true((await dm.info('pool')).suspended);
});

test('an inactive table does not become live', async (t) => {
  const { dm } = await modelPool();
  await dm.load('pool', [SHORT]);
  await dm.suspend('pool', { noFlush: true });
  const before = await dm.table('pool', { noFlush: true });
  await t.throwsAsync(ThinPool.open(dm, 'pool'), {
    code: 'ERR_POOL_SUSPENDED',
    message:
      /it is suspended and has an inactive table: .*"dmts clear pool" clears the inactive table/,
  });
  t.deepEqual(await dm.table('pool', { noFlush: true }), before);
});

test("the caller's own pool is resumed with its live table, and its inactive table is cleared", async (t) => {
  const { dm } = await modelPool();
  await dm.load('pool', [SHORT]);
  await dm.suspend('pool', { noFlush: true });
  const { targets } = await dm.table('pool', { noFlush: true });
  await ThinPool.open(dm, 'pool', { owned: true });
  const after = await dm.table('pool', { noFlush: true });
  t.deepEqual(after.targets, targets);
  t.like(after.info, { suspended: false, inactive: false });
});

test('an inactive table of a running pool remains', async (t) => {
  const { dm } = await modelPool();
  await dm.load('pool', [SHORT]);
  await ThinPool.open(dm, 'pool');
  t.true((await dm.info('pool')).inactive);
});
