// Creation and deletion of thin devices; the test names are those of the dm-thin suites.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { holdLoop } from '../../../src/ioctl/loop/loop.ts';
import { awaitDetached, isTransient } from '../../../src/ioctl/loop/loop-files.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { MiB, openDm, output, scratchDirectory, uniqueName } from '../../support/kernel/scratch.ts';
import {
  BLOCK,
  fill,
  letters,
  metadataTool,
  removePool,
  THIN,
  testPool,
  testThin,
  used,
  working,
} from '../../support/kernel/thin.ts';

const COUNT = 1000;
const ID_MAX = 2 ** 24 - 1;
const ids = Array.from({ length: COUNT }, (_, id) => id);

/** The thin devices that thin_dump reads from the metadata; thin_check must find no error. */
function dump(metadata: string): readonly number[] {
  metadataTool('thin_check', metadata);
  const xml = metadataTool('thin_dump', metadata);
  return [...xml.matchAll(/<device dev_id="(\d+)"/g)].map(([, id]) => Number(id));
}

test('creation/lots-of-empty-thins', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { metadataSize: BigInt(16 * MiB) });
  for (const id of ids) await pool.createThin(id);
  await pool.deactivate();
  t.deepEqual(dump(metadata), ids);
});

test('creation/lots-of-empty-snaps', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { metadataSize: BigInt(16 * MiB) });
  await pool.createThin(0);
  for (const id of ids.slice(1)) await pool.createSnap(id, 0);
  await pool.deactivate();
  t.deepEqual(dump(metadata), ids);
});

test('creation/lots-of-recursive-snaps', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { metadataSize: BigInt(16 * MiB) });
  await pool.createThin(0);
  for (const id of ids.slice(1)) await pool.createSnap(id, id - 1);
  await pool.deactivate();
  t.deepEqual(dump(metadata), ids);
});

test('creation/dispose-deactivates-what-was-created', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  t.true(await dm.exists(pool.name));
  await pool[Symbol.asyncDispose]();
  t.false(await dm.exists(pool.name));
});

test('creation/activate-thin-while-pool-suspended-fails', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.createThin(0);
  await dm.suspend(pool.name);
  const before = await dm.list();
  t.like(await t.throwsAsync(pool.activateThin(0, { length: THIN })), {
    code: 'EINVAL',
    command: 'DM_TABLE_LOAD',
  });
  t.deepEqual(await dm.list(), before, 'the failed activation leaves no device');
  await dm.resume(pool.name);
  await t.notThrowsAsync(pool.activateThin(0, { length: THIN }));
});

test('creation/huge-block-size', async (t) => {
  const dm = await openDm(t);
  const blockSize = 524_288n;
  const { pool } = await testPool(t, dm, { blockSize, dataSize: BigInt(1024 * MiB) });
  const thin = await testThin(pool, 0, Number(blockSize) * 4);
  for (const block of [0, 1, 2, 3]) fill(thin, 'x', (block * Number(blockSize)) / BLOCK);
  t.is(await used(pool), 4n);
  t.is(letters(thin, Number(blockSize) / BLOCK, 2), 'x.');
});

for (const [name, blockSize] of [
  ['non-power-of-2-block-size-fails', 185n],
  ['too-small-block-size-fails', 64n],
  ['too-large-block-size-fails', 2n ** 21n + 1n],
] as const) {
  test(`creation/${name}`, async (t) => {
    const dm = await openDm(t);
    const options = { metadata: '/nowhere/metadata', data: '/nowhere/data', blockSize };
    await t.throwsAsync(ThinPool.create(dm, uniqueName('pool'), options), {
      code: 'ERR_DMTS_INPUT',
      message: `thin-pool.blockSize: expected a multiple of 128 sectors, from 128 to 2097152, got ${blockSize}n`,
    });
  });
}

test('creation/largest-block-size-succeeds', async (t) => {
  const dm = await openDm(t);
  const options = { blockSize: 2n ** 21n, dataSize: BigInt(1024 * MiB) };
  const { pool } = await testPool(t, dm, options);
  t.deepEqual((await working(pool)).data, { used: 0n, total: 1n });
});

test('creation/too-large-a-thin-id-fails', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await t.throwsAsync(pool.createThin(ID_MAX + 1), {
    code: 'ERR_DMTS_INPUT',
    message: 'id: expected an integer from 0 to 16777215, got 16777216',
  });
});

test('creation/largest-thin-id-succeeds', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const thin = await testThin(pool, ID_MAX);
  fill(thin, 'x');
  t.is(letters(thin), 'x');
});

test('creation/too-small-a-metadata-dev-fails', async (t) => {
  const dm = await openDm(t);
  const directory = scratchDirectory(t);
  const files = { metadata: join(directory, 'metadata'), data: join(directory, 'data') };
  const sizes = { metadataSize: 16_384n, dataSize: BigInt(64 * MiB) };
  await t.throwsAsync(ThinPool.create(dm, uniqueName('pool'), { ...files, ...sizes }), {
    code: 'ERR_POOL_SIZE',
  });
});

test('creation/same-id-twice-fails', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.createThin(3);
  await t.throwsAsync(pool.createThin(3), { code: 'ERR_THIN_EXISTS' });
  await t.throwsAsync(pool.createSnap(3, 3), { code: 'ERR_THIN_EXISTS' });
});

test('deletion/create-delete-cycle', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.createThin(0);
  await pool.deleteThin(0);
  const before = (await working(pool)).metadata;
  for (const _ of ids) {
    await pool.createThin(0);
    await pool.deleteThin(0);
  }
  t.deepEqual((await working(pool)).metadata, before);
});

test('deletion/create-many-delete-many', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { metadataSize: BigInt(16 * MiB) });
  for (const id of ids) await pool.createThin(id);
  for (const id of ids) await pool.deleteThin(id);
  await pool.deactivate();
  t.deepEqual(dump(metadata), []);
});

test('deletion/create-delete-rolling', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm);
  const window = 10;
  for (const id of ids) {
    await pool.createThin(id);
    if (id >= window) await pool.deleteThin(id - window);
  }
  await pool.deactivate();
  t.deepEqual(dump(metadata), ids.slice(-window));
});

test('deletion/delete-provisioned-thin', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const thin = await testThin(pool);
  fill(thin, 'x', 0, THIN / BLOCK);
  t.is(await used(pool), BigInt(THIN / BLOCK));
  await pool.deactivateThin(0);
  await pool.deleteThin(0);
  t.is(await used(pool), 0n);
});

test('deletion/delete-unknown-id-fails', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await t.throwsAsync(pool.deleteThin(0), { code: 'ERR_THIN_MISSING' });
});

test('deletion/delete-active-id-fails', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const thin = await testThin(pool);
  fill(thin, 'x');
  await t.throwsAsync(pool.deleteThin(0), { code: 'ERR_THIN_ACTIVE' });
  t.is(letters(thin), 'x');
});

test('transaction_id/initial-is-0', async (t) => {
  const dm = await openDm(t);
  t.is((await working((await testPool(t, dm)).pool)).transactionId, 0n);
});

test('transaction_id/set-step-by-step', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  for (let id = 0n; id < 1001n; id++) await pool.setTransactionId(id, id + 1n);
  t.is((await working(pool)).transactionId, 1001n);
});

test('transaction_id/first-argument-must-match', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const mismatch = { code: 'ERR_POOL_METADATA' } as const;
  await t.throwsAsync(pool.setTransactionId(500n, 1234n), mismatch);
  await pool.setTransactionId(0n, 1234n);
  await t.throwsAsync(pool.setTransactionId(0n, 1234n), mismatch);
  await pool.setTransactionId(1234n, 0n);
  t.is((await working(pool)).transactionId, 0n);
});

test('transaction_id/the-largest-survives-a-restart', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm);
  const largest = 2n ** 64n - 1n;
  await pool.setTransactionId(0n, largest);
  await pool.deactivate();
  const expect = { transactionId: largest };
  const again = await ThinPool.activate(dm, pool.name, { metadata, data, expect });
  t.is((await working(again)).transactionId, largest);
});

test('held_root/no_initial_hold', async (t) => {
  const dm = await openDm(t);
  t.is((await working((await testPool(t, dm)).pool)).heldRoot, undefined);
});

test('held_root/cannot_hold_twice', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.reserveMetadataSnap();
  await t.throwsAsync(pool.reserveMetadataSnap(), { code: 'ERR_POOL_BUSY' });
  t.not((await working(pool)).heldRoot, undefined);
});

test('held_root/cannot_release_twice', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.reserveMetadataSnap();
  await pool.releaseMetadataSnap();
  await t.throwsAsync(pool.releaseMetadataSnap(), { message: /no metadata snapshot is reserved/ });
});

test('held_root/hold_release_cycle_of_root', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const before = (await working(pool)).metadata;
  for (const _ of ids.slice(0, 100)) {
    await pool.reserveMetadataSnap();
    await pool.releaseMetadataSnap();
  }
  t.deepEqual((await working(pool)).metadata, before);
});

test('held_root/held_dump: the metadata snapshot does not change while the pool does', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.createThin(1);
  await pool.reserveMetadataSnap();
  const { params } = await pool.table();
  const node = output('readlink', '-f', `/sys/dev/block/${params.metadataDevice}`).trim();
  const device = `/dev/${node.split('/').at(-1)}`;
  const held = () => output('thin_dump', '--metadata-snap', '--format', 'xml', device);
  const before = held();
  await pool.createThin(2);
  t.is(held(), before);
  t.regex(before, /dev_id="1"/);
  t.notRegex(before, /dev_id="2"/);
});

test('held_root/thin_check_passes_with_a_held_root', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm);
  await pool.createThin(1);
  await pool.reserveMetadataSnap();
  await pool.deactivate();
  t.deepEqual(dump(metadata), [1]);
});

test('held_root/metadata_snap_cycle: during I/O', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm);
  const thin = await testThin(pool);
  for (let block = 0; block < THIN / BLOCK; block++) {
    await pool.reserveMetadataSnap();
    fill(thin, 'x', block);
    await pool.releaseMetadataSnap();
  }
  t.is(letters(thin, 0, THIN / BLOCK), 'x'.repeat(THIN / BLOCK));
  await pool.deactivateThin(0);
  await pool.deactivate();
  t.deepEqual(dump(metadata), [0]);
});

test('multiple_pool/two_pools_pointing_to_the_same_metadata_fails', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm);
  const data = join(scratchDirectory(t), 'data');
  writeFileSync(data, Buffer.alloc(MiB));
  await t.throwsAsync(ThinPool.activate(dm, uniqueName('pool'), { metadata, data }), {
    code: 'ERR_POOL_BUSY',
    message: /the file is already attached to \/dev\/loop\d+/,
  });
  t.is((await pool.health()).state, 'ok');
});

test('an attach waits for a file whose loop device is about to be detached', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm);
  await pool.deactivate();
  const held = await holdLoop(metadata, { autoclear: true });
  const activated = ThinPool.activate(dm, pool.name, { metadata, data });
  t.true(await isTransient(held.path));
  t.false(await awaitDetached(metadata, 300), 'the file is still attached');
  const abort = new AbortController();
  const aborted = ThinPool.activate(dm, pool.name, { metadata, data, signal: abort.signal });
  abort.abort(new Error('given up'));
  await t.throwsAsync(aborted, { message: 'given up' });
  await held[Symbol.asyncDispose]();
  await t.notThrowsAsync(async () => (await activated).deactivate());
});

test('a data file with data behind its first blocks is refused and stays unchanged', async (t) => {
  const dm = await openDm(t);
  const directory = scratchDirectory(t);
  const [metadata, data] = [join(directory, 'metadata'), join(directory, 'data')];
  const content = Buffer.alloc(8 * MiB);
  content.fill('precious', 4 * MiB, 5 * MiB);
  writeFileSync(data, content);
  await t.throwsAsync(
    ThinPool.create(dm, uniqueName('pool'), { metadata, metadataSize: 4 * MiB, data }),
    { code: 'ERR_POOL_NOT_BLANK', message: /it holds data of an unknown kind/ },
  );
  t.true(readFileSync(data).equals(content));
});

test('multiple_pool/two_pools_can_create_thins', async (t) => {
  const dm = await openDm(t);
  const pools = [await testPool(t, dm), await testPool(t, dm)];
  for (const [i, { pool }] of pools.entries()) fill(await testThin(pool, 5), 'ab'[i]!);
  const active = await Promise.all(pools.map(({ pool }) => pool.activeThins()));
  t.deepEqual(
    active.map((thins) => thins.map(({ id, info }) => `${id}: ${letters(info)}`)),
    [['5: a'], ['5: b']],
  );
  for (const { pool } of pools) await removePool(dm, pool.name);
});

test('metadata that cannot describe the data of a new pool is rejected before any write', async (t) => {
  const dm = await openDm(t);
  const options = { metadataSize: BigInt(MiB), dataSize: 1024n ** 4n };
  await t.throwsAsync(testPool(t, dm, options), {
    code: 'ERR_POOL_SIZE',
    message: /its metadata of 1048576 bytes cannot describe 16777216 data blocks/,
  });
  const enough = { ...options, metadataSize: BigInt(8 * MiB) };
  t.like(await working((await testPool(t, dm, enough)).pool), { mode: 'rw' });
});
