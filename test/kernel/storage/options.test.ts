// Each option, by what it changes on a real kernel. That each refuses what it must is in test/unit/storage/config/options.test.ts.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { readFilesystemHeader } from '../../../src/storage/filesystem/filesystem-header.ts';
import { type DevicemapperStorage, isStorageError } from '../../../src/storage/index.ts';
import { workIn } from '../../support/kernel/holder.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { allocated } from '../../support/kernel/loops.ts';
import { MiB, openDm, output, scratchLoop } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';
import { testPool } from '../../support/kernel/thin.ts';

const bytes = (mebibytes: number): bigint => BigInt(mebibytes * MiB);

/** The line of /proc/mounts for what is mounted on a layer's mount point: device, type, options. */
function mountLine(content: string): readonly string[] {
  const target = content.replace(/\/rootfs$/, '');
  const line = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((words) => words.split(' '))
    .find((words) => words[1] === target);
  if (line === undefined) throw new Error(`nothing is mounted on ${target}`);
  return [line[0]!, line[2]!, line[3]!];
}

async function mounted(storage: DevicemapperStorage, id: string): Promise<readonly string[]> {
  await storage.create(id);
  return mountLine(await storage.mount(id));
}

test('dm.basesize: the size of new layers; larger at the next start, never smaller', async (t) => {
  const root = storageRoot(t);
  const first = await openStorage(t, root, ['dm.basesize=48M']);
  await first.create('old');
  t.is(first.metadata('old').DeviceSize, String(48 * MiB));
  await first.shutdown();
  const second = await openStorage(t, root, ['dm.basesize=96M']);
  await second.create('new');
  t.is(second.metadata('old').DeviceSize, String(48 * MiB));
  t.is(second.metadata('new').DeviceSize, String(96 * MiB));
  const size = (content: string): number =>
    Number(output('stat', '--file-system', '--format=%b', content)) *
    Number(output('stat', '--file-system', '--format=%S', content));
  const small = size(await second.mount('old'));
  t.true(size(await second.mount('new')) > small + 30 * MiB, 'its filesystem has grown along');
  await second.shutdown();
  await t.throwsAsync(openStorage(t, root, ['dm.basesize=48M']), { code: 'ERR_STORAGE_BASE' });
});

/** MiB before and after, each by less than 16. */
const GROWTHS = [
  ['ext4', 48, 52],
  ['xfs', 320, 323],
] as const;

for (const [fs, before, after] of GROWTHS) {
  test(`dm.basesize: ${fs} grows from ${before} to ${after} MiB`, async (t) => {
    const root = storageRoot(t);
    const options = (size: number) => [`dm.fs=${fs}`, `dm.basesize=${size}M`];
    await (await openStorage(t, root, options(before))).shutdown();
    const storage = await openStorage(t, root, options(after));
    await storage.create('a');
    const dm = await openDm(t);
    await storage.mount('a');
    const { path } = await dm.info(storage.metadata('a').DeviceName);
    const header = await readFilesystemHeader(path);
    t.true(header!.size > bytes(before), `${header!.size}`);
    await storage.shutdown();
  });

  test(`dm.basesize: ${fs} that cannot grow by a sector is refused, and the base device keeps its size`, async (t) => {
    const root = storageRoot(t);
    const options = (size: bigint) => [`dm.fs=${fs}`, `dm.basesize=${size}`];
    await (await openStorage(t, root, options(bytes(before)))).shutdown();
    await t.throwsAsync(openStorage(t, root, options(bytes(before) + 512n)), {
      code: 'ERR_STORAGE_BASE',
      message:
        /cannot grow its (ext4|xfs) filesystem .* the filesystem cannot use so small a growth/,
    });
    const storage = await openStorage(t, root, options(bytes(before)));
    t.is((await storage.status()).baseSize, bytes(before));
    await storage.shutdown();
  });
}

test('a size that is smaller, or another filesystem, is ignored, and the storage says so', async (t) => {
  const root = storageRoot(t);
  await (await openStorage(t, root)).shutdown();
  const smaller = ['dm.loopdatasize=500M', 'dm.loopmetadatasize=4M', 'dm.fs=xfs'];
  const storage = await openStorage(t, root, smaller);
  t.is(storage.notices.length, 3, storage.notices.join('\n'));
  t.regex(storage.notices.join('\n'), /cannot shrink .*: dm\.loopdatasize is ignored/);
  t.regex(
    storage.notices.join('\n'),
    /the base device has ext4: dm\.fs=xfs only applies to a new storage/,
  );
  await storage.shutdown();
});

test('dm.loopdatasize and dm.loopmetadatasize: the sizes of the loop files', async (t) => {
  const storage = await openStorage(t, storageRoot(t), [
    'dm.loopdatasize=300M',
    'dm.loopmetadatasize=12M',
  ]);
  const { data, metadata } = await storage.status();
  t.is(data.total, bytes(300));
  t.is(metadata.total, bytes(12));
  await storage.shutdown();
});

test('dm.fs=ext4', async (t) => {
  const storage = await openStorage(t, storageRoot(t), ['dm.fs=ext4']);
  t.is((await mounted(storage, 'a'))[1], 'ext4');
  await storage.shutdown();
});

test('dm.fs=xfs, dm.xfs_nospace_max_retries', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root, [
    'dm.fs=xfs',
    'dm.basesize=320M',
    'dm.xfs_nospace_max_retries=7',
  ]);
  const [device, type] = await mounted(storage, 'a');
  t.is(type, 'xfs');
  const knob = `/sys/fs/xfs/${basename(device!)}/error/metadata/ENOSPC/max_retries`;
  t.is(readFileSync(knob, 'utf8').trim(), '7');
  await storage.create('b', { parent: 'a' });
  t.is(mountLine(await storage.mount('b'))[1], 'xfs', 'beside another of the same UUID');
  await storage.create('c', { parent: 'a', size: bytes(400) });
  t.is(mountLine(await storage.mount('c'))[1], 'xfs');
  t.is((await storage.status()).filesystem, 'xfs');
  await storage.shutdown();
});

test('dm.mkfsarg: one argument of mkfs each', async (t) => {
  const storage = await openStorage(t, storageRoot(t), ['dm.mkfsarg=-L', 'dm.mkfsarg=two words']);
  const [device] = await mounted(storage, 'a');
  t.is(output('blkid', '-o', 'value', '-s', 'LABEL', device!).trim(), 'two words');
  await storage.shutdown();
});

test("dm.mountopt: flags and the filesystem's own", async (t) => {
  const storage = await openStorage(t, storageRoot(t), [
    'dm.mountopt=noatime,discard',
    'dm.mountopt=nodev',
  ]);
  const words = (await mounted(storage, 'a'))[2]!.split(',');
  for (const word of ['noatime', 'discard', 'nodev']) t.true(words.includes(word), word);
  await storage.shutdown();
});

test('dm.datadev and dm.metadatadev: a pool on block devices', async (t) => {
  const data = await scratchLoop(t, 256 * MiB);
  const metadata = await scratchLoop(t, 8 * MiB);
  const root = storageRoot(t);
  const options = [`dm.datadev=${data}`, `dm.metadatadev=${metadata}`];
  const storage = await openStorage(t, root, options);
  const state = await storage.status();
  t.deepEqual([state.dataDevice, state.metadataDevice], [data, metadata]);
  await storage.create('a');
  await storage.shutdown();
  const again = await openStorage(t, root, options);
  t.deepEqual(
    again.layers().map(({ id }) => id),
    ['a'],
  );
  await again.shutdown();
  const other = storageRoot(t);
  await t.throwsAsync(
    openStorage(t, other, options),
    { code: 'ERR_STORAGE_POOL' },
    'another storage cannot take it',
  );
});

test('dm.blkdiscard: whether a removed layer gives its blocks back to the file', async (t) => {
  for (const [word, gives] of [
    ['true', true],
    ['false', false],
  ] as const) {
    const root = storageRoot(t);
    const storage = await openStorage(t, root, [`dm.blkdiscard=${word}`]);
    await storage.create('a');
    const data = join(root, 'devicemapper/data');
    writeFileSync(join(await storage.mount('a'), 'content'), Buffer.alloc(20 * MiB, 1), {
      flush: true,
    });
    await storage.unmount('a');
    const before = allocated(data);
    await storage.remove('a');
    execFileSync('sync');
    t.is(
      allocated(data) < before - 16 * MiB,
      gives,
      `${word}: ${before} before, ${allocated(data)} after`,
    );
    await storage.shutdown();
  }
});

test('dm.blocksize: of a new pool; one that is there keeps its own', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root, ['dm.blocksize=256K']);
  t.is((await storage.status()).blockSize, 256n * 1024n);
  await storage.create('a');
  await storage.shutdown();
  const again = await openStorage(t, root, ['dm.blocksize=64K']);
  t.is((await again.status()).blockSize, 256n * 1024n);
  t.deepEqual(
    again.layers().map(({ id }) => id),
    ['a'],
  );
  await again.shutdown();
});

test('dm.thinpooldev: a pool that somebody else looks after', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: bytes(256) });
  const root = storageRoot(t);
  const storage = await openStorage(t, root, [`dm.thinpooldev=/dev/mapper/${pool.name}`]);
  await storage.create('a');
  const state = await storage.status();
  t.is(state.poolName, pool.name);
  t.is(state.dataLoopFile, undefined);
  await storage.shutdown();
  t.true(await dm.exists(pool.name), 'it is left as it is');
  const stranger = storageRoot(t);
  const refusal = await t.throwsAsync(openStorage(t, stranger, [`dm.thinpooldev=${pool.name}`]), {
    code: 'ERR_STORAGE_POOL',
  });
  t.regex(refusal!.message, /blocks are in use/);
  await t.throwsAsync(openStorage(t, storageRoot(t), ['dm.thinpooldev=no-such-pool']), {
    code: 'ERR_STORAGE_POOL',
    message: /is not active/,
  });
});

test('dm.use_deferred_removal and dm.use_deferred_deletion: on', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('held');
  const user = await workIn(t, await storage.mount('held'));
  await storage.unmount('held');
  await using dm = await DeviceMapper.open();
  const { DeviceName: name } = storage.metadata('held');
  t.true((await dm.info(name)).deferredRemove);
  await storage.remove('held');
  t.is((await storage.status()).deferredDeletedLayers, 1);
  t.deepEqual(storage.layers(), []);
  await t.throwsAsync(storage.mount('held'), { code: 'ERR_LAYER_DELETED' });
  await t.throwsAsync(storage.create('child', { parent: 'held' }), { code: 'ERR_LAYER_DELETED' });
  await user.release();
  for (let tries = 0; tries < 50 && storage.exists('held'); tries++) await storage.deletePending();
  t.false(storage.exists('held'));
  await storage.shutdown();
});

test('dm.min_free_space: what must be free for a new layer', async (t) => {
  const root = storageRoot(t);
  const strict = await openStorage(t, root, ['dm.min_free_space=99%']);
  const refusal = await t.throwsAsync(strict.create('a'), { code: 'ERR_POOL_FULL' });
  t.regex(refusal!.message, /expected at least 99 %/);
  t.deepEqual(strict.layers(), []);
  t.is((await strict.status()).minimumFree, (((bytes(512) / 65536n) * 99n) / 100n) * 65536n);
  await strict.shutdown();
  const lax = await openStorage(t, root, ['dm.min_free_space=0%']);
  await lax.create('a');
  await lax.shutdown();
});

test('dm.override_udev_sync_check and dm.libdm_log_level: taken, and nothing depends on them', async (t) => {
  const storage = await openStorage(t, storageRoot(t), [
    'dm.override_udev_sync_check=true',
    'dm.libdm_log_level=7',
  ]);
  await storage.create('a');
  t.is(Object.fromEntries(await storage.statusItems())['Udev Sync Supported'], 'true');
  await storage.shutdown();
});

test('size of a layer: larger than its parent, never smaller', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('large', { size: bytes(120) });
  t.is(storage.metadata('large').DeviceSize, String(120 * MiB));
  await storage.create('child', { parent: 'large' });
  t.is(storage.metadata('child').DeviceSize, String(120 * MiB));
  const error = await storage.create('small', { parent: 'large', size: bytes(64) }).catch((e) => e);
  t.true(isStorageError(error, 'ERR_LAYER_SIZE'));
  await storage.shutdown();
});

for (const [fs, before, after] of GROWTHS) {
  test(`size of a layer: ${fs} grows from ${before} to ${after} MiB, and not by a sector`, async (t) => {
    const root = storageRoot(t);
    const storage = await openStorage(t, root, [`dm.fs=${fs}`, `dm.basesize=${before}M`]);
    await storage.create('a', { size: bytes(after) });
    const dm = await openDm(t);
    await storage.mount('a');
    const { path } = await dm.info(storage.metadata('a').DeviceName);
    const { size } = (await readFilesystemHeader(path))!;
    t.true(size > bytes(before), `${size}`);
    await t.throwsAsync(storage.create('b', { size: bytes(before) + 512n }), {
      code: 'ERR_LAYER_SIZE',
      message:
        /layer "b": cannot grow its \w+ filesystem from \d+ bytes to \d+: the filesystem cannot use so small a growth.* give at least \d+/,
    });
    t.false(storage.exists('b'));
    await storage.create('b');
    await storage.shutdown();
  });
}

test('nothing is left', assertNothingLeft);
