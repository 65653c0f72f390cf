// The tests that moby had for this driver, each under its name, and those of its suite for all drivers (graphtest), the
// five that never ran for this one included. What they demand is theirs; how it is tested is ours.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DevicemapperStorage } from '../../src/index.ts';
import { keepInNamespace, workIn } from './helpers/holder.ts';
import { assertNothingLeft } from './helpers/leftovers.ts';
import { MiB } from './helpers/scratch.ts';
import { openStorage, storageRoot } from './helpers/storage.ts';

const STICKY = 0o1000;
const SETUID = 0o4000;
const PERMISSIONS = 0o7777;

/** What a file is: permissions and owner. */
function modeOf(path: string): string {
  const { mode, uid, gid } = lstatSync(path);
  return `${(mode & PERMISSIONS).toString(8)} ${uid}:${gid}`;
}

/** Run `task` with a layer mounted. */
async function withMounted<T>(
  storage: DevicemapperStorage,
  id: string,
  task: (root: string) => T,
): Promise<T> {
  const root = await storage.mount(id);
  try {
    return task(root);
  } finally {
    await storage.unmount(id);
  }
}

const entries = (root: string): readonly string[] =>
  readdirSync(root)
    .filter((name) => name !== 'lost+found')
    .toSorted();

/** graphtest's base layer. */
async function createBase(storage: DevicemapperStorage, id: string): Promise<void> {
  await storage.create(id);
  await withMounted(storage, id, (root) => {
    const directory = join(root, 'a subdir');
    mkdirSync(directory);
    chownSync(directory, 1, 2);
    chmodSync(directory, 0o705 | STICKY);
    const file = join(root, 'a file');
    writeFileSync(file, 'Some data');
    chmodSync(file, 0o222 | SETUID);
  });
}

function verifyBase(t: ExecutionContext, root: string): void {
  t.is(modeOf(join(root, 'a subdir')), '1705 1:2');
  t.is(modeOf(join(root, 'a file')), '4222 0:0');
  t.is(readFileSync(join(root, 'a file'), 'utf8'), 'Some data');
  t.deepEqual(entries(root), ['a file', 'a subdir']);
}

test('DevmapperSetup and DevmapperTeardown', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  t.deepEqual(storage.layers(), []);
  await storage.shutdown();
  t.deepEqual(readdirSync(join(root, 'metadata')).toSorted(), [
    'base',
    'deviceset-metadata',
    'transaction-metadata',
  ]);
});

test('DevmapperCreateEmpty', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('empty');
  t.true(storage.exists('empty'));
  await withMounted(storage, 'empty', (root) => {
    t.is(modeOf(root), '755 0:0');
    t.deepEqual(entries(root), []);
  });
  await storage.remove('empty');
  t.false(storage.exists('empty'));
  await storage.shutdown();
});

test('DevmapperCreateBase', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await createBase(storage, 'Base');
  await withMounted(storage, 'Base', (root) => verifyBase(t, root));
  await storage.shutdown();
});

test('DevmapperCreateSnap', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await createBase(storage, 'SnapBase');
  await storage.create('Snap', { parent: 'SnapBase' });
  await withMounted(storage, 'Snap', (root) => verifyBase(t, root));
  await storage.shutdown();
});

for (const [name, difference] of [
  ['DevmapperReduceLoopBackSize', -10],
  ['DevmapperIncreaseLoopBackSize', 10],
] as const) {
  test(name, async (t) => {
    const root = storageRoot(t);
    const first = await openStorage(t, root);
    const before = await first.state();
    await first.shutdown();
    const sizes = [
      `dm.loopdatasize=${512 + difference}M`,
      `dm.loopmetadatasize=${8 + Math.max(difference, -4)}M`,
    ];
    const second = await openStorage(t, root, sizes);
    const after = await second.state();
    const grown = BigInt(Math.max(difference, 0) * MiB);
    t.is(after.data.total, before.data.total + grown);
    t.is(after.metadata.total, before.metadata.total + grown);
    await second.shutdown();
  });
}

test('DevmapperLockReleasedDeviceDeletion', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('gone');
  const holder = await workIn(t, await storage.mount('gone'));
  await storage.unmount('gone');
  await storage.remove('gone');
  t.is((await storage.state()).deferredDeletedLayers, 1);
  await storage.deletePending();
  const started = Date.now();
  await storage.create('next');
  t.true(Date.now() - started < 5000);
  await holder.letGo();
  for (let tries = 0; tries < 50 && (await storage.state()).deferredDeletedLayers > 0; tries++) {
    await storage.deletePending();
  }
  t.is((await storage.state()).deferredDeletedLayers, 0);
  await storage.shutdown();
});

test('DevmapperMountLeaks', async (t) => {
  const storage = await openStorage(t, storageRoot(t), [
    'dm.use_deferred_removal=false',
    'dm.use_deferred_deletion=false',
  ]);
  await storage.create('leaky');
  await storage.mount('leaky');
  const copy = await keepInNamespace(t);
  await storage.unmount('leaky');
  await storage.remove('leaky');
  t.deepEqual(storage.layers(), []);
  await copy.letGo();
  await storage.shutdown();
});

const DEPTH = 20;

test(`DriverTestDeepLayerRead: ${DEPTH} layers`, async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('layer-0');
  await withMounted(storage, 'layer-0', (root) =>
    writeFileSync(join(root, 'testfile.txt'), 'bottom'),
  );
  for (let depth = 1; depth <= DEPTH; depth++) {
    await storage.create(`layer-${depth}`, { parent: `layer-${depth - 1}` });
    await withMounted(storage, `layer-${depth}`, (root) =>
      writeFileSync(join(root, `layer-${depth}.txt`), String(depth)),
    );
  }
  await withMounted(storage, `layer-${DEPTH}`, (root) => {
    t.is(readFileSync(join(root, 'testfile.txt'), 'utf8'), 'bottom');
    for (let depth = 1; depth <= DEPTH; depth++) {
      t.is(readFileSync(join(root, `layer-${depth}.txt`), 'utf8'), String(depth));
    }
  });
  await storage.shutdown();
});

test('DriverTestSetQuota', async (t) => {
  const storage = await openStorage(t, storageRoot(t), ['dm.basesize=32M']);
  await storage.create('limited', { size: BigInt(50 * MiB) });
  await withMounted(storage, 'limited', (root) => {
    const write = (name: string, mebibytes: number): string =>
      spawnSync(
        'dd',
        ['if=/dev/zero', `of=${join(root, name)}`, 'bs=1M', `count=${mebibytes}`, 'conv=fsync'],
        {
          encoding: 'utf8',
        },
      ).stderr;
    t.notRegex(write('small', 25), /No space/);
    t.regex(write('large', 50), /No space left on device/);
    rmSync(join(root, 'large'));
  });
  await t.throwsAsync(storage.create('smaller', { parent: 'limited', size: BigInt(40 * MiB) }), {
    code: 'ERR_LAYER_SIZE',
  });
  await storage.shutdown();
});

test('nothing is left', assertNothingLeft);
