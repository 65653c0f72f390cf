// A view reads a pool, and changes nothing: neither the pool nor its state.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { zero } from '../../../../src/dm/targets/index.ts';
import { commandsByNumber } from '../../../../src/dm/wire/commands.ts';
import { DeviceMapper } from '../../../../src/index.ts';
import { PoolView, ThinPool } from '../../../../src/thin/index.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

/** The pool with thin device 1 active, a second name for the kernel, and the commands that it receives. */
async function viewed(t: ExecutionContext) {
  const { kernel, dm, pool } = await modelPool();
  await pool.createThin(1);
  const { dev } = await pool.activateThin(1, { length: 2048, name: 'one' });
  const sysDir = tempDir(t);
  const { dev: poolDev } = await dm.info('pool');
  const holders = join(sysDir, `dev/block/253:${poolDev & 0xffn}/holders`);
  mkdirSync(join(holders, `dm-${dev & 0xffn}`), { recursive: true });
  const commands: string[] = [];
  const seen = await DeviceMapper.open({
    transport: {
      ...kernel.connect(),
      ioctl: (call) => {
        commands.push(commandsByNumber.get(call.request & 0xff)?.name ?? '?');
        return kernel.ioctl(call);
      },
    },
  });
  return { dm, pool, seen, commands, sysDir };
}

const QUERIES = new Set(['DM_VERSION', 'DM_LIST_DEVICES', 'DM_DEV_STATUS', 'DM_TABLE_STATUS']);

test('a view sends only queries, and a suspended pool stays suspended', async (t) => {
  const { dm, seen, commands, sysDir } = await viewed(t);
  await dm.suspend('pool', { noFlush: true });
  const view = await PoolView.open(seen, 'pool', { sysDir });
  t.is(view.name, 'pool');
  t.like(await view.status(), { state: 'working' });
  t.like(await view.health(), { state: 'ok' });
  t.is((await view.table()).length, 128_000n);
  const [thin] = await view.activeThins();
  t.is(thin?.info.name, 'one');
  t.like(await view.thinStatus(thin!), { state: 'working' });
  t.deepEqual(await view.thinStatus(1), await view.thinStatus(thin!));
  t.is((await view.activeThin(1))?.name, 'one');
  t.is(await view.activeThin(2), undefined);
  t.deepEqual(
    [...new Set(commands)].filter((command) => !QUERIES.has(command)),
    [],
  );
  t.true((await dm.info('pool')).suspended);
});

test('views of all pools: no other device is one', async (t) => {
  const { dm, sysDir } = await viewed(t);
  await dm.create('other', { table: [zero({ length: 8 })] });
  await dm.create('empty');
  t.deepEqual(
    (await PoolView.all(dm, { sysDir })).map(({ name }) => name),
    ['pool'],
  );
});

test('a thin device that is not active, or not any more', async (t) => {
  const { seen, pool, sysDir } = await viewed(t);
  const view = await PoolView.open(seen, 'pool', { sysDir });
  const missing = { code: 'ERR_THIN_MISSING', message: /it is not active/ };
  await t.throwsAsync(view.thinStatus(2), missing);
  const [thin] = await view.activeThins();
  await pool.deactivateThin(1);
  await t.throwsAsync(view.thinStatus(thin!), missing);
});

test('a device that is missing, or is not a pool', async (t) => {
  const { dm } = await viewed(t);
  const inactive = { code: 'ERR_POOL_NOT_ACTIVE' };
  await t.throwsAsync(PoolView.open(dm, 'nosuch'), inactive);
  await t.throwsAsync(PoolView.open(dm, 'one'), inactive);
});

test('a pool that is opened for changes is a view, too', async (t) => {
  const { dm } = await viewed(t);
  const pool = await ThinPool.open(dm, 'pool');
  t.true(pool instanceof PoolView);
});

test('options of a wrong type', async (t) => {
  const { dm } = await viewed(t);
  const wrong = { sysDir: 7 } as unknown as { readonly sysDir: string };
  await t.throwsAsync(PoolView.open(dm, 'pool', wrong), { name: 'InputError', message: /sysDir/ });
  await t.throwsAsync(PoolView.all(dm, wrong), { name: 'InputError', message: /sysDir/ });
});

test('the mappings of an active thin device are not read: they may change', async (t) => {
  const { seen, sysDir } = await viewed(t);
  const view = await PoolView.open(seen, 'pool', { sysDir });
  await t.throwsAsync(view.mapped(1).next(), {
    code: 'ERR_THIN_ACTIVE',
    message:
      "thin pool 'pool', thin id 1: cannot read its mappings: it is active as 'one', and may change. Take a snapshot, and read that of the snapshot",
  });
});
