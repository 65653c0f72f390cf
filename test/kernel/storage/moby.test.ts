// The tests that moby had for this driver, each under its name. The expectations are moby's; the test code is not.

import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DevicemapperStorage } from '../../../src/storage/index.ts';
import { keepInNamespace, workIn } from '../../support/kernel/holder.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot, withMounted } from '../../support/kernel/storage.ts';

const STICKY = 0o1000;
const SETUID = 0o4000;
const PERMISSIONS = 0o7777;

/** Permissions and owner of a file. */
function modeOf(path: string): string {
  const { mode, uid, gid } = lstatSync(path);
  return `${(mode & PERMISSIONS).toString(8)} ${uid}:${gid}`;
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
    '.reserve',
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
    const before = await first.status();
    await first.shutdown();
    const sizes = [
      `dm.loopdatasize=${512 + difference}M`,
      `dm.loopmetadatasize=${8 + Math.max(difference, -4)}M`,
    ];
    const second = await openStorage(t, root, sizes);
    const after = await second.status();
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
  t.is((await storage.status()).deferredDeletedLayers, 1);
  await storage.deletePending();
  // The deletion waits for its holder; other changes do not wait for the deletion.
  await storage.create('next');
  await holder.release();
  for (let tries = 0; tries < 50 && (await storage.status()).deferredDeletedLayers > 0; tries++) {
    await storage.deletePending();
  }
  t.is((await storage.status()).deferredDeletedLayers, 0);
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
  await copy.release();
  await storage.shutdown();
});

test('nothing is left', assertNothingLeft);
