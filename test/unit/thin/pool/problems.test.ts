// The problems of an active pool, on the model kernel.

import test from 'ava';
import { thin } from '../../../../src/dm/targets/index.ts';
import { PoolView } from '../../../../src/thin/index.ts';
import { poolProblems } from '../../../../src/thin/pool/problems.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

/** The codes and subjects of the problems of the model pool. */
async function problemsOf(dm: Parameters<typeof PoolView.open>[0]): Promise<readonly string[]> {
  const view = await PoolView.open(dm, 'pool');
  const thins = [];
  // The model kernel has no sysfs, which lists the holders of a pool.
  for (const { name } of await dm.list()) {
    const { info, targets } = await dm.table(name, { noFlush: true });
    if (targets[0]?.type !== 'thin') continue;
    thins.push({ id: thin.parseParams(targets[0].params).id, info, length: targets[0].length });
  }
  const [{ info }, status] = [await view.table(), await view.status()];
  return poolProblems({ info, status, thins }).map(({ code, subject }) => `${code}: ${subject}`);
}

test('a pool in order has no problem', async (t) => {
  const { dm } = await modelPool();
  t.deepEqual(await problemsOf(dm), []);
});

test('a suspended thin device, an inactive table, and a thin device that is active twice', async (t) => {
  const { dm } = await modelPool();
  await dm.message('pool', 'create_thin 7');
  const { path: pool } = await dm.info('pool');
  const table = [thin({ length: 2048, pool, id: 7 })];
  await dm.create('one', { table });
  await dm.create('two', { table });
  await dm.load('two', table);
  await dm.suspend('one');
  t.deepEqual(await problemsOf(dm), [
    'device-suspended: device one',
    'device-inactive-table: device two',
    'thin-active-twice: thin device 7',
  ]);
});

test('a suspended pool that needs a check', async (t) => {
  const { dm, kernel } = await modelPool();
  kernel.setPool('pool', { mode: 'ro', needsCheck: true });
  await dm.suspend('pool', { noFlush: true });
  t.deepEqual(await problemsOf(dm), ['pool-suspended: pool pool', 'pool-state: pool pool']);
});
