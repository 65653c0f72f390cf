// A view changes no byte of a storage directory, of its pool or of the pool's metadata, and leaves nothing active.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { unmount } from '../../../src/ioctl/file/mount.ts';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage, type StorageView } from '../../../src/storage/index.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { crc32c } from '../../../src/thin/metadata/crc32c.ts';
import { dmts, mainFile } from '../../support/cli/dmts.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { assertUnchanged, lookAtAll, machine, run } from '../../support/kernel/looks.ts';
import { MiB, openDm, output, scratchDirectory } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';
import { testPool, working } from '../../support/kernel/thin.ts';
import { until } from '../../support/until.ts';

/** Layers `a` and, on top of it, `b`, which differ. */
async function withLayers(storage: DevicemapperStorage): Promise<void> {
  await storage.create('a');
  writeFileSync(join(await storage.mount('a'), 'kept'), 'kept');
  await storage.unmount('a');
  await storage.create('b', { parent: 'a' });
  writeFileSync(join(await storage.mount('b'), 'added'), 'added in b');
  await storage.unmount('b');
}

const LAYERS = ['b', 'a'] as const;

function assertSeen(t: ExecutionContext, seen: Readonly<Record<string, string>>): void {
  t.is(seen['changes b a'], 'A /added\n');
  t.regex(seen['changes b']!, /A \/added\n[\s\S]*A \/kept\n/);
  t.true(seen['diff b a']!.includes('added in b'));
  t.regex(seen['ls']!, /^a .*\nb /m);
}

for (const fs of ['ext4', 'xfs'] as const) {
  const size = fs === 'xfs' ? ['dm.basesize=320M'] : [];

  test(`a pool on loop files that is not active, with ${fs}`, async (t) => {
    const root = storageRoot(t);
    const storage = await openStorage(t, root, [`dm.fs=${fs}`, ...size]);
    await withLayers(storage);
    await storage.shutdown();
    assertSeen(t, await assertUnchanged(t, [root], () => lookAtAll(t, root, [], LAYERS)));
  });

  test(`a pool on loop files that is active, with ${fs}`, async (t) => {
    const root = storageRoot(t);
    const storage = await openStorage(t, root, [`dm.fs=${fs}`, ...size]);
    await withLayers(storage);
    await storage.close();
    const looks = () => lookAtAll(t, root, [], LAYERS, dmts);
    assertSeen(t, await assertUnchanged(t, [root], looks));
  });
}

test('mounted layers', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await withLayers(storage);
  const content = await storage.mount('a');
  await storage.mount('b');
  await storage.close();
  const accessed = () =>
    [content, join(content, 'kept')].map((path) => statSync(path, { bigint: true }).atimeNs);
  const before = accessed();
  t.is((await run(['storage', '--root', root, 'diff', 'a'])).status, 0);
  t.deepEqual(accessed(), before);
  // A filesystem mounted read-write writes by itself.
  for (const id of ['a', 'b']) output('mount', '-o', 'remount,ro', join(root, 'mnt', id));
  const seen = await assertUnchanged(t, [root], () => lookAtAll(t, root, [], LAYERS));
  assertSeen(t, seen);
  t.regex(seen['ls']!, /^b +64\.00m +\d+ +1$/m);
});

test('an external pool', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { dataSize: BigInt(512 * MiB) });
  const root = storageRoot(t);
  const options = [`dm.thinpooldev=${pool.name}`];
  const storage = await openStorage(t, root, options);
  await withLayers(storage);
  await storage.shutdown();
  const looks = () => lookAtAll(t, root, options, LAYERS);
  assertSeen(t, await assertUnchanged(t, [root, join(metadata, '..')], looks));
});

test('dm.datadev and dm.metadatadev: devices larger than the metadata records', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm, { dataSize: BigInt(512 * MiB) });
  await pool.deactivate();
  output('truncate', '--size', '+8M', metadata, data);
  const [dataLoop, metadataLoop] = [data, metadata].map((file) => {
    const loop = output('losetup', '--find', '--show', file).trim();
    t.teardown(() => output('losetup', '--detach', loop));
    return loop;
  });
  const root = storageRoot(t);
  const options = [`dm.datadev=${dataLoop}`, `dm.metadatadev=${metadataLoop}`];
  const storage = await openStorage(t, root, options);
  await withLayers(storage);
  await storage.shutdown();
  // More than a bitmap of the metadata describes: in such a pool even a read-only view would need new blocks.
  output('truncate', '--size', '+80M', metadata, data);
  output('losetup', '--set-capacity', dataLoop!);
  output('losetup', '--set-capacity', metadataLoop!);
  const looks = () => lookAtAll(t, root, options, LAYERS);
  assertSeen(t, await assertUnchanged(t, [root, join(metadata, '..')], looks));
});

const RECORDED = new URL('../../../../test/fixtures/docker/', import.meta.url).pathname;

/** A directory with records written by Docker, and a pool with the devices that they name. */
async function dockerDirectory(
  t: ExecutionContext,
  fs: 'ext4' | 'xfs',
): Promise<{ readonly root: string; readonly container: string }> {
  const root = storageRoot(t);
  mkdirSync(join(root, 'devicemapper'), { recursive: true });
  cpSync(join(RECORDED, fs, 'metadata/stopped'), join(root, 'metadata'), { recursive: true });
  const layout = await layoutOf(root);
  const records = readdirSync(layout.metadata)
    .filter((name) => !/^(deviceset|transaction)-metadata$/.test(name))
    .map((name) => layerKind.parse(readFileSync(join(layout.metadata, name), 'utf8')))
    .toSorted((a, b) => a.deviceId - b.deviceId);
  const { openId } = transactionKind.parse(
    readFileSync(join(layout.metadata, 'transaction-metadata'), 'utf8'),
  );
  const dm = await openDm(t);
  const pool = await ThinPool.create(dm, poolName(layout), {
    metadata: join(layout.loop, 'metadata'),
    data: join(layout.loop, 'data'),
    metadataSize: BigInt(8 * MiB),
    dataSize: BigInt(512 * MiB),
    features: ['skip_block_zeroing'],
  });
  const [base, ...others] = records;
  await pool.createThin(base!.deviceId);
  const name = `${poolName(layout)}-base`;
  const { path } = await pool.activateThin(base!.deviceId, { name, length: base!.size / 512n });
  output(`mkfs.${fs}`, '-q', path);
  await pool.deactivateThin(base!.deviceId);
  for (const { deviceId } of others) await pool.createSnap(deviceId, base!.deviceId);
  await pool.setTransactionId(0n, openId);
  await pool.deactivate();
  const [{ layer }] = JSON.parse(readFileSync(join(RECORDED, fs, 'containers.json'), 'utf8')) as [
    { readonly layer: string },
  ];
  return { root, container: layer };
}

for (const fs of ['ext4', 'xfs'] as const) {
  test(`records written by Docker, with ${fs}`, async (t) => {
    const { root, container } = await dockerDirectory(t, fs);
    const looks = () => lookAtAll(t, root, [], [container, `${container}-init`]);
    const seen = await assertUnchanged(t, [root], looks);
    t.is(seen['ls']!.split('\n').length, readdirSync(join(root, 'metadata')).length - 1);
    t.regex(seen['status']!, /Data loop file: .*devicemapper\/devicemapper\/data/);
  });
}

test('pool status, pool ls, pool check, pool diff and thin ls', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm);
  await pool.createThin(1);
  await pool.createSnap(2, 1);
  await pool.activateThin(1, { length: 2048 });
  const looks = [
    ['pool', 'status', pool.name],
    ['pool', 'status'],
    ['pool', 'ls'],
    ['pool', 'check', pool.name],
    ['pool', 'diff', pool.name, '1', '2'],
    ['thin', 'ls', pool.name],
  ];
  await assertUnchanged(t, [join(metadata, '..')], async () => {
    for (const words of looks) {
      const { status, stderr } = await run(words);
      t.is(status, 0, `${words.join(' ')}: ${stderr}`);
    }
  });
  t.is((await working(pool)).heldRoot, undefined);
  t.is((await run(['pool', 'check', pool.name, '--metadata-snap'])).status, 0);
});

/** Set the flag needs_check in the superblock. */
function flagMetadata(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE((crc32c(bytes.subarray(4, 4096)) ^ 160_774) >>> 0, 0);
  writeFileSync(path, bytes);
}

const view = (root: string, storageOptions: readonly string[] = []): Promise<StorageView> =>
  DevicemapperStorage.open({ root, storageOptions, readOnly: true });

test('a pool with needs_check and a pending transaction are shown unchanged', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await withLayers(storage);
  const { transactionId } = await storage.status();
  await storage.shutdown();
  flagMetadata(join(root, 'devicemapper/metadata'));
  const pending = { openId: transactionId + 1n, hash: 'b', deviceId: 9 };
  writeFileSync(join(root, 'metadata/transaction-metadata'), transactionKind.print(pending));
  writeFileSync(join(root, 'metadata/.tmp77'), 'a write that did not end');
  await assertUnchanged(t, [root], async () => {
    await using looked = await view(root);
    t.deepEqual(
      looked.layers().map(({ id }) => id),
      ['a', 'b'],
    );
    const state = await looked.status();
    t.like(state, { poolActive: false, poolState: 'needs-check', pending, transactionId });
    t.regex(
      looked.notices.join('\n'),
      /the pool is needs-check\.[\s\S]*transaction \d+ is pending/,
    );
    const changes: string[] = [];
    for await (const { kind, path } of looked.changes('b', 'a')) changes.push(`${kind} ${path}`);
    t.deepEqual(changes, ['added /added']);
  });
  const { status, stderr } = dmts(['storage', '--root', root, 'status']);
  t.is(status, 0);
  t.regex(stderr, /^dmts: note: the pool is needs-check\./m);
});

test('a journal that was not replayed: the view reports what is missing', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root, ['dm.fs=xfs', 'dm.basesize=320M']);
  await storage.create('a');
  const content = await storage.mount('a');
  writeFileSync(join(content, 'late'), 'in the journal', { flush: true });
  // A power cut: the device now has what a snapshot without a freeze would have.
  const layout = await layoutOf(root);
  const dm = await openDm(t);
  const record = layerKind.parse(readFileSync(join(layout.metadata, 'a'), 'utf8'));
  await dm.message(poolName(layout), `create_snap 77 ${record.deviceId}`);
  await storage.shutdown();
  writeFileSync(join(layout.metadata, 'cut'), layerKind.print({ ...record, deviceId: 77 }));
  await assertUnchanged(t, [root], async () => {
    await using looked = await view(root);
    for await (const _ of looked.changes('cut')) t.pass();
    t.regex(
      looked.notices.join(),
      /layer "cut" was not unmounted cleanly, and a view does not replay its journal/,
    );
  });
});

test('a storage that another process has open', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await withLayers(storage);
  await storage.mount('a');
  await assertUnchanged(t, [root], () => {
    for (const words of [['ls'], ['status'], ['inspect', 'a']]) {
      t.is(dmts(['storage', '--root', root, ...words]).status, 0);
    }
    const { status, stderr } = dmts(['storage', '--root', root, 'changes', 'b', 'a']);
    t.is(status, 4);
    t.regex(stderr, new RegExp(`process ${process.pid} has it`));
  });
  await using looked = await view(root);
  t.like(await looked.status(), { openedBy: process.pid, poolActive: true, pending: undefined });
  await storage.shutdown();
});

test('a directory on a filesystem that is mounted read-only', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await withLayers(storage);
  await storage.shutdown();
  const image = join(scratchDirectory(t), 'image');
  output('mkfs.ext4', '-q', '-d', root, image, '300M');
  const target = scratchDirectory(t);
  output('mount', '-o', 'ro', image, target);
  t.teardown(() => unmount(target, { lazy: true }));
  assertSeen(t, await lookAtAll(t, target, [], LAYERS));
});

test('a killed view leaves nothing active', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await storage.create('a');
  writeFileSync(join(await storage.mount('a'), 'large'), Buffer.alloc(8 * MiB, 7));
  await storage.shutdown();
  const before = await machine();
  // No reader consumes its output, so it stops in the middle of the tar.
  const child = spawn(process.execPath, [mainFile(), 'storage', '--root', root, 'diff', 'a']);
  await once(child.stdout, 'readable');
  child.kill('SIGKILL');
  await once(child, 'close');
  const withoutLooks = async (): Promise<object> => ({
    ...((await machine()) as object),
    looks: [],
  });
  const expected = { ...(before as object), looks: [] };
  await until('no device, loop device or mount of the view', async () =>
    isDeepStrictEqual(await withoutLooks(), expected),
  );
  t.deepEqual(await withoutLooks(), expected);
  await (await openStorage(t, root)).shutdown();
});

test('a command without sizes keeps the existing sizes', async (t) => {
  const root = storageRoot(t);
  await (await openStorage(t, root)).shutdown();
  const size = (name: string): number => statSync(join(root, 'devicemapper', name)).size;
  const runOn = (...words: readonly string[]) => run(['storage', '--root', root, ...words]);
  t.is((await runOn('create', 'a')).status, 0);
  t.is((await runOn('mount', 'a')).status, 0);
  t.deepEqual([size('data'), size('metadata')], [512 * MiB, 8 * MiB]);
  t.is((await runOn('umount', 'a')).status, 0);
  t.is((await runOn('--storage-opt', 'dm.loopdatasize=600M', 'create', 'b')).status, 0);
  t.deepEqual([size('data'), size('metadata')], [600 * MiB, 8 * MiB]);
  t.is((await runOn('shutdown')).status, 0);
});

test('a directory that does not exist, and a pool that cannot be found', async (t) => {
  await t.throwsAsync(view('/nonexistent'), { code: 'ENOENT' });
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: BigInt(512 * MiB) });
  const root = storageRoot(t);
  const storage = await openStorage(t, root, [`dm.thinpooldev=${pool.name}`]);
  await storage.create('a');
  await storage.shutdown();
  await assertUnchanged(t, [root], async () => {
    await using looked = await view(root);
    t.is(looked.layers().length, 1);
    await t.throwsAsync(looked.status(), {
      code: 'ERR_STORAGE_POOL',
      message: /cannot find the pool.*dm\.thinpooldev/,
    });
  });
});

test('nothing is left', assertNothingLeft);
