// Concurrent callers of one storage, and a process that closes a layer at the moment when a call needs it.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import type { DevicemapperStorage } from '../../../src/storage/index.ts';
import { useInNamespace } from '../../support/kernel/holder.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, scratchDirectory } from '../../support/kernel/scratch.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';

const OPERATION = fileURLToPath(new URL('../../fixtures/storage-op.js', import.meta.url));
const LAYERS = 50;
const CALLERS = 10;
const ROUNDS = 200;

async function life(
  storage: DevicemapperStorage,
  id: string,
  ids: Map<number, string>,
): Promise<void> {
  await storage.create(id, { parent: 'image' });
  const deviceId = Number(storage.metadata(id).DeviceId);
  const other = ids.get(deviceId);
  if (other !== undefined) throw new Error(`${id} and ${other} both have thin device ${deviceId}`);
  ids.set(deviceId, id);
  const content = await storage.mount(id);
  writeFileSync(join(content, 'who'), id);
  if (readFileSync(join(content, 'who'), 'utf8') !== id) throw new Error(`${content} is not ${id}`);
  await storage.unmount(id);
  await storage.remove(id);
}

test(`${CALLERS} concurrent callers create, mount, unmount and remove ${LAYERS} layers`, async (t) => {
  const root = storageRoot(t);
  const options = ['dm.blkdiscard=false'];
  const storage = await openStorage(t, root, options);
  await storage.create('image');
  const before = (await storage.status()).transactionId;
  const ids = new Map<number, string>();
  const waiting = Array.from({ length: LAYERS }, (_, index) => `layer-${index}`);
  const caller = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift())
      await life(storage, id, ids);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  t.is(ids.size, LAYERS, 'no id is used twice');
  t.is(
    (await storage.status()).transactionId,
    before + BigInt(2 * LAYERS),
    'two transactions per layer',
  );
  await storage.close();
  t.deepEqual(await checkInvariants(t, root, [...SMALL, ...options]), ['image']);
});

test('a parent is usable while the filesystem of its child grows', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('parent');
  const directory = scratchDirectory(t);
  const [begun, go] = [join(directory, 'begun'), join(directory, 'go')];
  const program = `#!/bin/sh\ntouch ${begun}\nwhile [ ! -e ${go} ]; do sleep 0.05; done\nexec /sbin/resize2fs "$@"\n`;
  writeFileSync(join(directory, 'resize2fs'), program, { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = `${directory}:${path}`;
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  const created = storage.create('child', { parent: 'parent', size: BigInt(96 * MiB) });
  t.teardown(() => writeFileSync(go, ''));
  while (!existsSync(begun)) await sleep(20);
  await storage.mount('parent');
  await storage.create('sibling', { parent: 'parent' });
  await storage.unmount('parent');
  const mounted = storage.mount('child');
  t.throws(
    () => storage.metadata('child'),
    { code: 'ERR_LAYER_DELETED' },
    'not before the filesystem has grown',
  );
  writeFileSync(go, '');
  await created;
  await mounted;
  t.is(storage.metadata('child').DeviceSize, String(96 * MiB));
  await storage.shutdown();
});

test('a second process on the same directory fails at once', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  const started = Date.now();
  const { status, stderr } = spawnSync(process.execPath, [OPERATION, root, '[]', ...SMALL], {
    encoding: 'utf8',
  });
  t.not(status, 0);
  t.regex(stderr, new RegExp(`process ${process.pid} has it`));
  t.log(`failed after ${Date.now() - started} ms, including the start of node`);
  await storage.shutdown();
});

test(`a snapshot of a layer with a pending deferred removal while its holder exits, ${ROUNDS} times`, async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root, ['dm.blkdiscard=false']);
  await storage.create('origin');
  writeFileSync(join(await storage.mount('origin'), 'file'), 'content');
  await storage.unmount('origin');
  const { prefix } = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  const seen = { pending: 0, gone: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const user = await useInNamespace(t, await storage.mount('origin'));
    await storage.unmount('origin');
    const pending = await dm.info(`${prefix}-origin`).then(
      ({ deferredRemove }) => deferredRemove,
      () => false,
    );
    // From before the snapshot begins until after it has ended.
    const release = sleep(Math.random() * 60).then(() => user.release());
    await storage.create(`snap-${round}`, { parent: 'origin' });
    seen[pending ? 'pending' : 'gone']++;
    await release;
    const content = await storage.mount(`snap-${round}`);
    t.is(readFileSync(join(content, 'file'), 'utf8'), 'content');
    await storage.unmount(`snap-${round}`);
    await storage.remove(`snap-${round}`);
    for (const { name } of await dm.list()) {
      if (!name.startsWith(prefix)) continue;
      const info = await dm.info(name).catch(() => undefined);
      t.false(info?.suspended ?? false, `${name} is suspended`);
    }
  }
  t.log(seen);
  t.true(seen.pending > ROUNDS / 2, 'the race occurred in most rounds');
  for (let tries = 0; tries < 100 && (await dm.exists(`${prefix}-origin`)); tries++)
    await sleep(50);
  t.false(await dm.exists(`${prefix}-origin`), 'the deferred removal is done in the end');
  await storage.close();
  t.deepEqual(await checkInvariants(t, root, [...SMALL, 'dm.blkdiscard=false']), ['origin']);
});

test('nothing is left', assertNothingLeft);
