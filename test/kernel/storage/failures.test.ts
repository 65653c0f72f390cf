// What a storage does when the pool, the kernel or the disk refuses something in the middle of a change.

import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Dm } from '../../../src/dm/wire/commands.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import type { DeviceMapper } from '../../../src/index.ts';
import { mount, unmount } from '../../../src/ioctl/file/mount.ts';
import { errnoNumber } from '../../../src/ioctl/libc/errno.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import type { DevicemapperStorage } from '../../../src/storage/index.ts';
import { readThinDevices } from '../../../src/thin/metadata/device-details.ts';
import {
  MiB,
  openDm,
  output,
  scratchDirectory,
  scratchLoop,
} from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';
import { testPool } from '../../support/kernel/thin.ts';

const DATA = { dataSize: BigInt(256 * MiB) };
const UNDEFERRED = ['dm.use_deferred_removal=false', 'dm.use_deferred_deletion=false'];

test('a layer is removed from a pool that ignores discards', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { ...DATA, features: ['ignore_discard'] });
  const options = [`dm.thinpooldev=${pool.name}`, 'dm.blkdiscard=true'];
  const storage = await openStorage(t, storageRoot(t), options);
  await storage.create('a');
  await storage.remove('a');
  t.false(storage.exists('a'));
});

/** A device mapper whose first look at a status after the next change of the transaction id fails. */
async function forgetfulDm(
  t: ExecutionContext,
): Promise<{ readonly dm: DeviceMapper; readonly failOnce: () => void }> {
  const real = openControlNode({ devDir: '/dev', threads: true });
  let state: 'well' | 'armed' | 'failing' = 'well';
  const dm = await openDm(t, {
    transport: {
      ...real,
      ioctl: (call) => {
        const { request, buffer } = call;
        if (state === 'armed' && buffer.includes('set_transaction_id')) state = 'failing';
        else if (state === 'failing' && request === Dm.TABLE_STATUS.request) {
          state = 'well';
          return { errno: errnoNumber('ENOMEM'), buffer };
        }
        return real.ioctl(call);
      },
    },
  });
  return {
    dm,
    failOnce: () => {
      state = 'armed';
    },
  };
}

const ids = (storage: DevicemapperStorage): readonly string[] =>
  storage.layers().map(({ id }) => id);

test('a change whose last look at the pool fails once is done, and so are later ones', async (t) => {
  const { dm, failOnce } = await forgetfulDm(t);
  const storage = await openStorage(t, storageRoot(t), [], { dm });
  failOnce();
  await storage.create('a');
  // It used to be refused: "somebody else has changed the pool".
  await storage.create('b');
  t.deepEqual(ids(storage), ['a', 'b']);
  failOnce();
  await storage.remove('a');
  await storage.create('c');
  t.deepEqual(ids(storage), ['b', 'c']);
});

test('remove without deferral waits for a diff of the layer that was destroyed', async (t) => {
  const storage = await openStorage(t, storageRoot(t), UNDEFERRED);
  await storage.create('a');
  const stream = await storage.diff('a');
  await once(stream, 'readable');
  stream.destroy();
  await storage.remove('a');
  t.deepEqual(ids(storage), []);
});

/** A small filesystem of the test's own. */
async function smallFilesystem(t: ExecutionContext): Promise<string> {
  const device = await scratchLoop(t, 8 * MiB);
  output('mkfs.ext4', '-q', '-m', '0', '-E', 'nodiscard', device);
  const target = scratchDirectory(t);
  await mount({ source: device, target, type: 'ext4' });
  t.teardown(() => unmount(target, { lazy: true }));
  return target;
}

/** Write until not one byte more has room. */
function fill(directory: string): void {
  const file = join(directory, 'filler');
  for (let size = MiB; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size), { flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

test('a layer is removed, and the storage closed, when the filesystem of its records is full', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, DATA);
  const directory = await smallFilesystem(t);
  const root = join(directory, 'storage');
  const options = [`dm.thinpooldev=${pool.name}`, 'dm.blkdiscard=true'];
  const storage = await openStorage(t, root, options);
  for (const id of ['a', 'b', 'c']) await storage.create(id);
  fill(directory);
  for (const id of ['a', 'b']) {
    t.throws(() => appendFileSync(join(directory, 'more'), Buffer.alloc(MiB)), { code: 'ENOSPC' });
    await storage.remove(id);
    fill(directory);
  }
  t.deepEqual(ids(storage), ['c']);
  await storage.close();
  const again = await openStorage(t, root, options);
  t.deepEqual(ids(again), ['c']);
  await again.remove('c');
  await again.close();
  const left = ['.reserve', 'base', 'deviceset-metadata', 'transaction-metadata'];
  t.deepEqual(readdirSync(join(root, 'metadata')).toSorted(), left);
});

test('a read-only filesystem of the records is an error that names the file; close does not fail', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, DATA);
  const directory = await smallFilesystem(t);
  const root = join(directory, 'storage');
  const storage = await openStorage(t, root, [`dm.thinpooldev=${pool.name}`, 'dm.blkdiscard=true']);
  await storage.create('a');
  output('mount', '-o', 'remount,ro', directory);
  const error = await t.throwsAsync(storage.remove('a'), { code: 'ERR_STORAGE_WRITE' });
  t.true(error?.message.startsWith(join(root, 'metadata', 'a')), error?.message);
  t.regex(error?.message ?? '', /its filesystem is read-only\. Mount it read-write/);
  t.deepEqual(ids(storage), ['a']);
  await storage.close();
});

test('a pool that takes no change refuses a removal, and the layer is as it was', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { ...DATA, metadataSize: BigInt(512 * 1024) });
  const storage = await openStorage(t, storageRoot(t), [
    `dm.thinpooldev=${pool.name}`,
    'dm.blkdiscard=true',
  ]);
  await storage.create('a');
  for (let id = 1000; (await pool.health()).state !== 'metadata-full'; id++) {
    await t.notThrowsAsync(pool.createThin(id, { useReserve: true }).catch(refusedAsFull));
  }
  await t.throwsAsync(storage.remove('a'), { code: 'ERR_POOL_METADATA_FULL' });
  t.deepEqual(ids(storage), ['a']);
  await pool.growMetadata(BigInt(4 * MiB));
  await storage.remove('a');
  t.deepEqual(ids(storage), []);
});

function refusedAsFull(error: unknown): void {
  if ((error as { code?: string }).code !== 'ERR_POOL_METADATA_FULL') throw error;
}

test('an empty mount label is none', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('a', { mountLabel: '' });
  await t.notThrowsAsync(storage.mount('a'));
  await storage.unmount('a');
});

/** Damage of the root directory, and what fails for it. */
const DAMAGE: readonly (readonly [title: string, edits: readonly string[], problem: RegExp])[] = [
  ['mounted', ['block[0] 0', 'flags 0'], /cannot mount its ext4 filesystem: EUCLEAN/],
  // It used to be an error of Node: "Unknown system error -74", or ENOENT.
  [
    'written',
    ['block[5] 9000'],
    /cannot write to its ext4 filesystem on \/dev\/dm-\d+: (?!ENOENT)E/,
  ],
];
for (const [title, edits, problem] of DAMAGE) {
  test(`a damaged filesystem that cannot be ${title}: the kernel’s reason and the repair`, async (t) => {
    const dm = await openDm(t);
    const storage = await openStorage(t, storageRoot(t), ['dm.fs=ext4']);
    await storage.create('a');
    await storage.mount('a');
    const { path } = await dm.info(storage.metadata('a').DeviceName);
    output('umount', join(storage.root, 'mnt/a'));
    for (const edit of edits) output('debugfs', '-w', '-R', `sif <2> ${edit}`, path);
    await storage.unmount('a');
    const error = await t.throwsAsync(storage.mount('a'), { code: 'ERR_STORAGE_FILESYSTEM' });
    t.regex(error?.message ?? '', problem);
    t.regex(error?.message ?? '', /The kernel log says: EXT4-fs .*"e2fsck -f"/);
  });
}

test('a transaction record that disagrees with the record of its layer is refused', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await storage.create('a');
  const id = (await storage.status()).transactionId;
  const own = Number(storage.metadata('a').DeviceId);
  await storage.close();
  const file = join(root, 'metadata/transaction-metadata');
  const good = readFileSync(file);
  writeFileSync(file, transactionKind.print({ openId: id + 1n, hash: 'a', deviceId: own + 7 }));
  await t.throwsAsync(openStorage(t, root), {
    code: 'ERR_STORAGE_RECORD',
    message: /thin device \d+ for layer "a", but the record of layer "a" names thin device \d+/,
  });
  writeFileSync(file, good);
  const again = await openStorage(t, root);
  t.deepEqual(ids(again), ['a']);
});

/** The ids of the thin devices in the pool of a storage that is shut down. */
async function thinIdsOf(root: string): Promise<readonly number[]> {
  const device = join(root, 'devicemapper/metadata');
  return [...(await readThinDevices({ name: 'pool', device })).keys()];
}

test('no record and no transaction deletes the complete base device', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await storage.create('a');
  const { transactionId } = await storage.status();
  await storage.shutdown();
  const thins = await thinIdsOf(root);
  const path = join(root, 'metadata/base');
  const base = readFileSync(path, 'utf8');
  const { deviceId } = layerKind.parse(base);
  const transaction = join(root, 'metadata/transaction-metadata');
  const before = readFileSync(transaction, 'utf8');
  writeFileSync(
    transaction,
    transactionKind.print({ openId: transactionId + 1n, hash: '', deviceId }),
  );
  await t.throwsAsync(openStorage(t, root), {
    code: 'ERR_STORAGE_RECORD',
    message: /the base device, and layers exist.*move the file away/,
  });
  writeFileSync(transaction, before);
  writeFileSync(path, layerKind.print({ ...layerKind.parse(base), deleted: true }));
  await t.throwsAsync(openStorage(t, root), { code: 'ERR_STORAGE_BASE', message: /it is deleted/ });
  writeFileSync(path, base);
  t.deepEqual(await thinIdsOf(root), thins);
  await (await openStorage(t, root)).mount('a');
});

test('a pending deletion of a thin device that is not proven to be the layer’s waits', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, DATA);
  const root = storageRoot(t);
  const options = [`dm.thinpooldev=${pool.name}`];
  const storage = await openStorage(t, root, options);
  await storage.create('a');
  await pool.createThin(77);
  await storage.shutdown();
  const record = layerKind.parse(readFileSync(join(root, 'metadata/a'), 'utf8'));
  const evil = { ...record, deviceId: 77, transactionId: 1n, deleted: true };
  writeFileSync(join(root, 'metadata/evil'), layerKind.print(evil));
  const again = await openStorage(t, root, options);
  t.regex(again.notices.join('\n'), /the deletion of layer "evil" is pending/);
  await again.deletePending();
  t.true((await pool.thinDetails()).has(77));
});

test('a base device that is not proven to be its own stays in the pool', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, DATA);
  await pool.createThin(5);
  const root = storageRoot(t);
  mkdirSync(join(root, 'metadata'), { recursive: true });
  // A record that another pool's storage left: thin device 5 of this pool was created before transaction 1, not 3.
  const record = {
    deviceId: 5,
    size: BigInt(64 * MiB),
    transactionId: 3n,
    initialized: false,
    deleted: false,
  };
  writeFileSync(join(root, 'metadata/base'), layerKind.print(record));
  const storage = await openStorage(t, root, [`dm.thinpooldev=${pool.name}`]);
  t.regex(storage.notices.join('\n'), /thin device 5 is not proven to be the base device/);
  const thins = await pool.thinDetails();
  t.deepEqual([thins.size, thins.has(5)], [2, true]);
  await storage.create('a');
});

test('a damaged xfs: the kernel’s reason and xfs_repair', async (t) => {
  const dm = await openDm(t);
  const options = ['dm.fs=xfs', 'dm.basesize=320M'];
  const storage = await openStorage(t, storageRoot(t), options);
  await storage.create('a');
  await storage.mount('a');
  const { path } = await dm.info(storage.metadata('a').DeviceName);
  output('umount', join(storage.root, 'mnt/a'));
  output('xfs_db', '-x', '-c', 'sb 0', '-c', 'addr rootino', '-c', 'write core.mode 0', path);
  await storage.unmount('a');
  const error = await t.throwsAsync(storage.mount('a'), { code: 'ERR_STORAGE_FILESYSTEM' });
  t.regex(error?.message ?? '', /cannot mount its xfs filesystem: ENOENT/);
  t.regex(error?.message ?? '', /The kernel log says: XFS .*"xfs_repair"/);
});
