// dm.thinpooldev: a pool that another program manages keeps its state, its table and its transaction id.

import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { thinPool } from '../../../src/dm/targets/index.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import type { DeviceMapper } from '../../../src/index.ts';
import { BASE } from '../../../src/storage/directory/layout.ts';
import {
  deviceSetKind,
  layerKind,
  transactionKind,
} from '../../../src/storage/directory/records.ts';
import { MiB, openDm, output } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';
import { testPool, working } from '../../support/kernel/thin.ts';

const DATA = BigInt(512 * MiB);

test('an external pool that its owner has suspended remains suspended with its inactive table', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: DATA });
  const root = storageRoot(t);
  const options = [`dm.thinpooldev=${pool.name}`];
  const { length, params } = await pool.table();
  await dm.load(pool.name, [thinPool({ ...params, length, lowWaterMark: 77 })]);
  await dm.suspend(pool.name, { noFlush: true });
  const before = await dm.table(pool.name, { noFlush: true });
  await t.throwsAsync(openStorage(t, root, options), {
    code: 'ERR_POOL_SUSPENDED',
    message: /it is suspended and has an inactive table/,
  });
  t.deepEqual(await dm.table(pool.name, { noFlush: true }), before);
  t.true(before.info.suspended && before.info.inactive);
  await dm.clear(pool.name);
  await dm.resume(pool.name, { noFlush: true });
  await (await openStorage(t, root, options)).shutdown();
});

test("another program's pool is rejected and remains unchanged, whether or not it has data", async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: DATA });
  await pool.setTransactionId(0n, 7n);
  const root = storageRoot(t);
  await t.throwsAsync(openStorage(t, root, [`dm.thinpooldev=${pool.name}`]), {
    code: 'ERR_STORAGE_POOL',
    message:
      /0 of its blocks are in use, its transaction id is 7, and the record of the base device is missing/,
  });
  t.is((await working(pool)).transactionId, 7n);
  await t.throwsAsync(pool.deleteThin(0), { code: 'ERR_THIN_MISSING' });
  t.false(existsSync(join(root, 'metadata/transaction-metadata')));
});

test('the same with dm.datadev and dm.metadatadev', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm, { dataSize: DATA });
  await pool.setTransactionId(0n, 7n);
  await pool.deactivate();
  const [dataLoop, metadataLoop] = [data, metadata].map((file) => {
    const loop = output('losetup', '--find', '--show', file).trim();
    t.teardown(() => output('losetup', '--detach', loop));
    return loop;
  });
  const devices = [`dm.datadev=${dataLoop}`, `dm.metadatadev=${metadataLoop}`];
  await t.throwsAsync(openStorage(t, storageRoot(t), devices), {
    code: 'ERR_STORAGE_POOL',
    message: /its transaction id is 7/,
  });
});

test('a pool whose base device could not be created is adopted at the next open', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: DATA });
  const root = storageRoot(t);
  const options = [`dm.thinpooldev=${pool.name}`];
  for (const id of [2n, 4n]) {
    await t.throwsAsync(openStorage(t, root, [...options, 'dm.mkfsarg=--nonsense']), {
      code: 'ERR_STORAGE_PROGRAM',
    });
    t.is((await working(pool)).transactionId, id);
  }
  // Recorded but not begun: a kill right before the message.
  const pending = { openId: 5n, hash: BASE, deviceId: 9 };
  writeFileSync(join(root, 'metadata/transaction-metadata'), transactionKind.print(pending));
  await t.throwsAsync(openStorage(t, root, [...options, 'dm.mkfsarg=--nonsense']), {
    code: 'ERR_STORAGE_PROGRAM',
  });
  await (await openStorage(t, root, options)).shutdown();
});

/** A device mapper that counts the calls whose bytes contain `text`. */
async function listeningDm(
  t: ExecutionContext,
  text: string,
): Promise<{ readonly dm: DeviceMapper; readonly sent: () => number }> {
  const real = openControlNode({ devDir: '/dev', threads: true });
  let count = 0;
  const dm = await openDm(t, {
    transport: {
      ...real,
      ioctl: (call) => {
        if (call.buffer.includes(text)) count += 1;
        return real.ioctl(call);
      },
    },
  });
  return { dm, sent: () => count };
}

test('a pending create transaction whose id another program uses: the device of that program remains', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: DATA });
  const root = storageRoot(t);
  const options = [`dm.thinpooldev=${pool.name}`];
  const storage = await openStorage(t, root, options);
  await storage.create('a');
  const { transactionId } = await storage.status();
  await storage.close();
  const record = join(root, 'metadata/a');
  const text = readFileSync(record, 'utf8');
  const { deviceId } = layerKind.parse(text);
  // A device of another program, and a layer whose record was moved away.
  await pool.createThin(4000);
  await pool.setTransactionId(transactionId, transactionId + 1n);
  unlinkSync(record);
  for (const [index, id] of [4000, deviceId].entries()) {
    const openId = transactionId + 2n;
    const pending = { openId, hash: `new${index}`, deviceId: id };
    writeFileSync(join(root, 'metadata/transaction-metadata'), transactionKind.print(pending));
    const again = await openStorage(t, root, options);
    t.regex(again.notices.join(), new RegExp(`thin device ${id} .*stays in the pool`));
    t.false(again.exists(`new${index}`));
    await again.close();
    t.true((await pool.thinDetails()).has(id));
  }
  // Neither id is assigned when it is next, and no message names it.
  for (const id of [4000, deviceId]) {
    const set = join(root, 'metadata/deviceset-metadata');
    const recorded = deviceSetKind.parse(readFileSync(set, 'utf8'));
    writeFileSync(set, deviceSetKind.print({ ...recorded, nextDeviceId: id - 1 }));
    const { dm: listening, sent } = await listeningDm(t, `create_snap ${id} `);
    const again = await openStorage(t, root, options, { dm: listening });
    await again.create(`b${id}`);
    t.is(again.metadata(`b${id}`).DeviceId, String(id + 1));
    t.is(sent(), 0);
    await again.close();
  }
  writeFileSync(record, text);
  const last = await openStorage(t, root, options);
  t.true(last.exists('a'));
  await last.shutdown();
});
