// Thin devices on the model kernel: never active twice, never left suspended.

import test from 'ava';
import { thin } from '../../../../src/dm/targets/index.ts';
import { modelPool } from '../../../support/thin/helpers.ts';
import { until } from '../../../support/until.ts';

const LENGTH = { length: 2048 };

test('an id is not active twice, even with another name', async (t) => {
  const { pool } = await modelPool();
  await pool.createThin(1);
  await pool.activateThin(1, { ...LENGTH, name: 'one' });
  await t.throwsAsync(pool.activateThin(1, { ...LENGTH, name: 'two' }), {
    code: 'ERR_THIN_ACTIVE',
    message:
      "thin pool 'pool', thin id 1: it is active as 'one'. Use that device: a second one with the same id would destroy its filesystem",
  });
});

test('an id is not active twice, even with concurrent calls', async (t) => {
  const { dm, pool } = await modelPool();
  await pool.createThin(1);
  const asked = ['one', 'two', 'three'].map((name) => pool.activateThin(1, { ...LENGTH, name }));
  const outcomes = await Promise.allSettled(asked);
  t.deepEqual(outcomes.map(({ status }) => status).toSorted(), [
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  t.is((await dm.list()).length, 2);
});

test('a name in use is rejected by the kernel', async (t) => {
  const { pool } = await modelPool();
  await pool.createThin(1);
  const refused = await t.throwsAsync(pool.activateThin(1, { ...LENGTH, name: 'pool' }));
  t.like(refused, { code: 'EBUSY', command: 'DM_DEV_CREATE' });
});

test('an unknown id', async (t) => {
  const { dm, pool } = await modelPool();
  await t.throwsAsync(pool.activateThin(1, LENGTH), { code: 'ERR_THIN_MISSING' });
  t.is((await dm.list()).length, 1, 'nothing of the device is left');
});

test('deactivating an inactive thin device is not an error', async (t) => {
  const { pool } = await modelPool();
  t.deepEqual(await pool.deactivateThin(1), { deferred: false });
});

test('a deferred deactivation of a busy device prevents its activation', async (t) => {
  const { kernel, pool } = await modelPool();
  await pool.createThin(1);
  await pool.activateThin(1, { ...LENGTH, name: 'one' });
  kernel.hold('one');
  await t.throwsAsync(pool.deactivateThin(1), { code: 'ERR_THIN_BUSY' });
  t.deepEqual(await pool.deactivateThin(1, { deferred: true }), { deferred: true });
  await t.throwsAsync(pool.activateThin(1, LENGTH), {
    code: 'ERR_THIN_ACTIVE',
    message: /it is active as 'one'. The device is removed when its last holder has gone/,
  });
  kernel.release('one');
  t.is((await pool.activateThin(1, LENGTH)).name, 'pool-1');
});

test('a snapshot suspends its origin only during the message', async (t) => {
  const { kernel, dm, pool } = await modelPool();
  await pool.createThin(1);
  await pool.activateThin(1, { ...LENGTH, name: 'one' });
  let suspended: boolean | undefined;
  kernel.fail(({ payload }) => {
    if (!payload.includes('create_snap')) return false;
    // The state of the device at the time of the message.
    void dm.info('one').then((info) => {
      suspended = info.suspended;
    });
    return false;
  }, 'EIO');
  await pool.createSnap(2, 1);
  t.true(suspended);
  t.false((await dm.info('one')).suspended);
});

for (const code of ['ENOSPC', 'EIO', 'EEXIST'] as const) {
  test(`${code} from the message: the origin is resumed`, async (t) => {
    const { kernel, dm, pool } = await modelPool();
    await pool.createThin(1);
    await pool.activateThin(1, { ...LENGTH, name: 'one' });
    const fault = kernel.fail(({ payload }) => payload.includes('create_snap'), code);
    await t.throwsAsync(pool.createSnap(2, 1));
    t.is(fault.met, 1);
    t.false((await dm.info('one')).suspended);
  });
}

test('an abort during the suspend leaves the origin running', async (t) => {
  const { kernel, dm, pool } = await modelPool();
  await pool.createThin(1);
  await pool.activateThin(1, { ...LENGTH, name: 'one' });
  const suspend = kernel.hang('DM_DEV_SUSPEND');
  const enough = new AbortController();
  const reason = new Error('enough');
  const snapshot = pool.createSnap(2, 1, { signal: enough.signal });
  await until('the suspend', () => suspend.met > 0);
  enough.abort(reason);
  t.is(await t.throwsAsync(snapshot), reason);
  t.false((await dm.info('one')).suspended);
});

test('a suspended origin remains suspended', async (t) => {
  const { dm, pool } = await modelPool();
  await pool.createThin(1);
  await pool.activateThin(1, { ...LENGTH, name: 'one' });
  await dm.suspend('one');
  await pool.createSnap(2, 1);
  t.true((await dm.info('one')).suspended);
});

test('a device can grow, but not shrink', async (t) => {
  const { dm, pool } = await modelPool();
  await pool.createThin(1);
  await t.throwsAsync(pool.growThin(1, 4096), { code: 'ERR_THIN_MISSING', message: /not active/ });
  await pool.activateThin(1, { ...LENGTH, name: 'one' });
  await pool.growThin(1, 4096);
  const [line] = (await dm.table('one')).targets;
  t.is(line?.length, 4096n);
  t.is(thin.parseParams(line!.params).id, 1);
  await t.throwsAsync(pool.growThin(1, 2048), { code: 'ERR_POOL_SIZE' });
});

test('a pool in use cannot be deactivated', async (t) => {
  const { dm, pool } = await modelPool();
  await pool.createThin(1);
  await pool.activateThin(1, LENGTH);
  await t.throwsAsync(pool.deactivate(), { code: 'ERR_POOL_BUSY' });
  await pool.deactivateThin(1);
  await pool.deactivate();
  t.deepEqual(await dm.list(), []);
  await t.notThrowsAsync(pool.deactivate());
  await t.throwsAsync(pool.status(), { code: 'ERR_POOL_NOT_ACTIVE' });
});
