// A failed create never deletes a thin device that it did not create.

import test, { type ExecutionContext } from 'ava';
import { layoutOf } from '../../../../src/storage/directory/layout.ts';
import { makeDirectories, Records } from '../../../../src/storage/directory/records-on-disk.ts';
import { Transactions } from '../../../../src/storage/directory/transactions.ts';
import { ThinIds } from '../../../../src/thin/devices/ids.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

/** A storage whose allocator considers id 1 free, and a pool with an unrecorded thin device 1. */
async function withStranger(t: ExecutionContext) {
  const model = await modelPool();
  const { pool } = model;
  await pool.createThin(0);
  await pool.createThin(1);
  const root = tempDir(t);
  await makeDirectories(root);
  const records = await Records.load(await layoutOf(root));
  const ids = new ThinIds([0], 1);
  const transactions = new Transactions({ pool, records, ids }, 0n);
  t.teardown(() => records[Symbol.asyncDispose]());
  const exists = async (id: number): Promise<boolean> =>
    pool.createThin(id).then(
      () => false,
      (error) => error.code === 'ERR_THIN_EXISTS',
    );
  return { ...model, records, ids, transactions, exists };
}

const layers = [
  ['an empty device', undefined],
  ['a snapshot', 0],
] as const;

for (const [what, origin] of layers) {
  test(`${what}: the kernel rejects the message, and the existing thin device with that id remains`, async (t) => {
    const { kernel, transactions, records, ids, exists } = await withStranger(t);
    kernel.fail('DM_TARGET_MSG', 'EINVAL');
    await t.throwsAsync(transactions.create('a', { size: 1024n, origin }), { code: 'EINVAL' });
    t.true(await exists(1));
    t.is(records.get('a'), undefined);
    t.is(await records.readTransaction(), undefined);
    t.false(ids.has(1));
  });

  test(`${what}: an id that the pool may have after a failed message is not used again`, async (t) => {
    const { kernel, transactions, records, ids, exists } = await withStranger(t);
    kernel.fail('DM_TARGET_MSG', 'ENOMEM');
    await t.throwsAsync(transactions.create('a', { size: 1024n, origin }), { code: 'ENOMEM' });
    t.true(await exists(1));
    t.is(await records.readTransaction(), undefined);
    t.true(ids.has(1));
  });

  test(`${what}: the next id is used if the first one belongs to a thin device`, async (t) => {
    const { transactions, exists } = await withStranger(t);
    const { deviceId } = await transactions.create('a', { size: 1024n, origin });
    t.is(deviceId, 2);
    t.true(await exists(1));
  });

  test(`${what}: the new thin device is deleted if its record cannot be written`, async (t) => {
    const { transactions, records, exists, ids } = await withStranger(t);
    ids.take(1);
    records.write = () => Promise.reject(new Error('the disk is full'));
    await t.throwsAsync(transactions.create('a', { size: 1024n, origin }), {
      message: 'the disk is full',
    });
    t.false(await exists(2));
    t.true(await exists(1));
  });
}

test('an aborted message: the existing thin device with that id remains', async (t) => {
  const { kernel, transactions, exists } = await withStranger(t);
  const abort = new AbortController();
  kernel.hang(({ command }) => {
    if (command.name !== 'DM_TARGET_MSG') return false;
    setImmediate(() => abort.abort(new Error('enough')));
    return true;
  });
  const making = transactions.create('a', { size: 1024n, origin: undefined, signal: abort.signal });
  await t.throwsAsync(making, { message: 'enough' });
  t.true(await exists(1));
});

test('a rejected delete whose intent cannot be removed: the layer is not deleted later', async (t) => {
  const { kernel, pool, transactions, records } = await withStranger(t);
  const record = await transactions.create('a', { size: 1024n, origin: undefined });
  records.rollBackTransaction = () => Promise.reject(new Error('read-only'));
  kernel.fail('DM_TARGET_MSG', 'EBUSY');
  await t.throwsAsync(transactions.delete('a', record), { code: 'ERR_THIN_ACTIVE' });
  const { openId } = (await records.readTransaction())!;
  const status = await pool.status();
  // A recorded transaction counts as completed: no rollback is pending.
  t.is(status.state === 'working' && status.transactionId, openId);
  t.is(transactions.id, openId);
  t.deepEqual(records.get('a'), record);
  await t.notThrowsAsync(transactions.create('b', { size: 1024n, origin: undefined }));
});

test('an intent that cannot be written: the transaction id of the pool stays, and the next open accepts it', async (t) => {
  const { pool, transactions, records } = await withStranger(t);
  await transactions.create('a', { size: 1024n, origin: undefined });
  const { openId } = (await records.readTransaction())!;
  const { writeTransaction, rollBackTransaction } = records;
  const refuse = (): Promise<void> => Promise.reject(new Error('read-only'));
  Object.assign(records, { writeTransaction: refuse, rollBackTransaction: refuse });
  const creating = transactions.create('b', { size: 1024n, origin: undefined });
  await t.throwsAsync(creating, { message: 'read-only' });
  const status = await pool.status();
  t.is(status.state === 'working' && status.transactionId, openId);
  t.is(transactions.id, openId);
  Object.assign(records, { writeTransaction, rollBackTransaction });
  await transactions.create('b', { size: 1024n, origin: undefined });
  t.is((await records.readTransaction())?.openId, transactions.id);
});

test('a deletion that the pool accepts and does not commit: the layer keeps its record, and the intent stays', async (t) => {
  const { kernel, pool, transactions, records } = await withStranger(t);
  const record = await transactions.create('a', { size: 1024n, origin: undefined });
  const status = pool.status.bind(pool);
  pool.status = () => {
    kernel.setPool('pool', { mode: 'ro', needsCheck: true });
    return status();
  };
  await t.throwsAsync(transactions.delete('a', record), { code: 'ERR_POOL_NEEDS_CHECK' });
  t.deepEqual(records.get('a'), record);
  t.is((await records.readTransaction())?.hash, 'a');
});
