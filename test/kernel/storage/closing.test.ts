// Closing a storage that works, and the umask of the process, which must not affect a layer.

import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import type { DevicemapperStorage } from '../../../src/storage/index.ts';
import { mountedLayers } from '../../../src/storage/layers/mount-counts.ts';
import { openStorage, storageRoot, withMounted } from '../../support/kernel/storage.ts';
import { entry } from '../../support/storage/diff/raw-tar.ts';
import { inLetters } from '../../support/storage/diff/tree.ts';

const WAYS: readonly (readonly [string, (storage: DevicemapperStorage) => Promise<void>])[] = [
  ['close', (storage) => storage.close()],
  ['shutdown', (storage) => storage.shutdown()],
];

for (const [way, end] of WAYS) {
  test.serial(`${way} waits for a tar that is being unpacked`, async (t) => {
    const root = storageRoot(t);
    const storage = await openStorage(t, root);
    await storage.create('layer');
    const tar = new PassThrough();
    tar.write(entry({ name: 'first' }, 'one'));
    const order: string[] = [];
    let began = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const applied = storage
      .apply('layer', undefined, tar, { onProgress: () => began() })
      .then(() => order.push('applied'));
    await begun;
    const ended = end(storage).then(() => order.push('ended'));
    await t.throwsAsync(openStorage(t, root), { code: 'ERR_STORAGE_LOCKED' });
    for (const call of [
      () => storage.mount('layer'),
      () => storage.diff('layer'),
      () => storage.diffSize('layer'),
      () => storage.changes('layer').next(),
    ]) {
      await t.throwsAsync(call, { code: 'ERR_STORAGE_CLOSED' });
    }
    tar.end(entry({ name: 'second' }, 'two'));
    await Promise.all([applied, ended]);
    t.deepEqual(order, ['applied', 'ended']);
    t.deepEqual([...(await mountedLayers(await layoutOf(root)))], []);
    const again = await openStorage(t, root);
    await withMounted(again, 'layer', (content) => {
      t.is(readFileSync(join(content, 'second'), 'utf8'), 'two');
    });
    await again.shutdown();
  });

  test.serial(`${way} waits for changes and sizes, but not for their readers`, async (t) => {
    const root = storageRoot(t);
    const storage = await openStorage(t, root);
    await storage.create('parent');
    await storage.create('layer', { parent: 'parent' });
    await withMounted(storage, 'layer', (content) => {
      for (let i = 0; i < 200; i++) writeFileSync(join(content, `f${i}`), 'content');
    });
    const half = storage.changes('layer', 'parent');
    t.is((await half.next()).value?.path, '/f0');
    const order: string[] = [];
    const sized = storage.diffSize('layer', 'parent').then((size) => order.push(`size ${size}`));
    const listed = inLetters(storage.changes('layer', 'parent')).then((all) =>
      order.push(`changes ${all.length}`),
    );
    const ended = end(storage).then(() => order.push('ended'));
    await Promise.all([sized, listed, ended]);
    t.deepEqual(order.toSorted(), ['changes 200', 'ended', 'size 1400']);
    t.is(order.at(-1), 'ended');
    t.deepEqual([...(await mountedLayers(await layoutOf(root)))], []);
    t.is((await half.next()).value?.path, '/f1');
    await (await openStorage(t, root)).shutdown();
  });
}

test.serial('the umask does not affect the modes of a layer', async (t) => {
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('layer');
  const content = await storage.mount('layer');
  t.is(lstatSync(content).mode & 0o7777, 0o755);
  t.is(lstatSync(join(dirname(content), 'id')).mode & 0o7777, 0o600);
  await storage.unmount('layer');
  await storage.shutdown();
});

test.serial('siblings that changed the same files at the same time', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('parent');
  const names = Array.from({ length: 50 }, (_, i) => `f${i}`);
  await withMounted(storage, 'parent', (content) => {
    for (const name of names) writeFileSync(join(content, name), 'origin');
  });
  for (const id of ['one', 'two']) await storage.create(id, { parent: 'parent' });
  const [one, two] = [await storage.mount('one'), await storage.mount('two')];
  for (const name of names) {
    writeFileSync(join(one, name), 'content 1');
    writeFileSync(join(two, name), 'content 2');
  }
  for (const id of ['one', 'two']) await storage.unmount(id);
  const expected = names.map((name) => `C /${name}`).sort();
  t.deepEqual(await inLetters(storage.changes('one', 'two')), expected);
  await storage.create('below-one', { parent: 'one' });
  t.deepEqual(await inLetters(storage.changes('below-one', 'two')), expected);
  t.deepEqual(await inLetters(storage.changes('below-one', 'one')), []);
  await storage.shutdown();
});
