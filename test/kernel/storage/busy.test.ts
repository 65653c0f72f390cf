// A layer that somebody uses is not removed: who it is, once the wait for it is over. The waits of all cases run side by
// side, each on a storage of its own.

import { closeSync, openSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import type { DevicemapperStorage } from '../../../src/storage/index.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { workIn } from '../../support/kernel/holder.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openDm } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';

const UNDEFERRED = ['dm.use_deferred_removal=false', 'dm.use_deferred_deletion=false'];
const BUSY = { code: 'ERR_LAYER_BUSY' };

const ids = (storage: DevicemapperStorage): readonly string[] =>
  storage.layers().map(({ id }) => id);

/** A process that works in the layer is named, and the layer can be unmounted after it has gone. */
async function unmountNamesTheHolder(t: ExecutionContext): Promise<void> {
  const storage = await openStorage(t, storageRoot(t), ['dm.use_deferred_removal=false']);
  await storage.create('held');
  const user = await workIn(t, await storage.mount('held'));
  const started = Date.now();
  const refusal = await t.throwsAsync(storage.unmount('held'), BUSY);
  t.regex(refusal!.message, new RegExp(`pid ${user.pid}`));
  t.true(Date.now() - started >= 20_000, 'it waits for twenty seconds');
  await user.release();
  await storage.unmount('held');
}

/** A process that works in the layer is named, and the layer can be removed after it has gone. */
async function removeNamesTheHolder(t: ExecutionContext): Promise<void> {
  const storage = await openStorage(t, storageRoot(t), ['dm.use_deferred_deletion=false']);
  await storage.create('held');
  const user = await workIn(t, await storage.mount('held'));
  await storage.unmount('held');
  const refusal = await t.throwsAsync(storage.remove('held'), BUSY);
  t.regex(refusal!.message, new RegExp(`pid ${user.pid}`));
  t.deepEqual(ids(storage), ['held']);
  await user.release();
  await storage.remove('held');
  t.deepEqual(ids(storage), []);
}

/** The second unmount deactivates the device. */
async function secondUnmount(t: ExecutionContext): Promise<void> {
  const dm = await openDm(t);
  const storage = await openStorage(t, storageRoot(t), UNDEFERRED);
  await storage.create('a');
  await storage.mount('a');
  const name = storage.metadata('a').DeviceName;
  const fd = openSync((await dm.info(name)).path, 'r');
  await t.throwsAsync(storage.unmount('a'), BUSY);
  closeSync(fd);
  await storage.unmount('a');
  t.false(await dm.exists(name));
}

/** A stranger has activated the device, and has it open. */
async function removeOfStrangersDevice(t: ExecutionContext, discard: boolean): Promise<void> {
  const dm = await openDm(t);
  const root = storageRoot(t);
  const storage = await openStorage(t, root, [...UNDEFERRED, `dm.blkdiscard=${discard}`]);
  await storage.create('a');
  const { DeviceId, DeviceName: name } = storage.metadata('a');
  const pool = await ThinPool.open(dm, poolName(await layoutOf(root)));
  const { path } = await pool.activateThin(Number(DeviceId), { name, length: 64 * 2048 });
  const fd = openSync(path, 'r');
  await t.throwsAsync(storage.remove('a'), BUSY);
  t.deepEqual(ids(storage), ['a']);
  closeSync(fd);
  // It is active still, and nothing has it open.
  t.true(await dm.exists(name));
  await storage.remove('a');
  t.deepEqual(ids(storage), []);
}

test('the id of a removed layer is free again as soon as its last holder has gone', async (t) => {
  const storage = await openStorage(t, storageRoot(t));
  await storage.create('a');
  const user = await workIn(t, await storage.mount('a'));
  await storage.unmount('a');
  await storage.remove('a');
  const refusal = await t.throwsAsync(storage.create('a'), { code: 'ERR_LAYER_DELETED' });
  t.regex(refusal!.message, new RegExp(`pid ${user.pid}`));
  await user.release();
  await storage.create('a');
  t.deepEqual(ids(storage), ['a']);
});

test('unmount and remove without deferral of a layer that is in use', async (t) => {
  await Promise.all([
    unmountNamesTheHolder(t),
    removeNamesTheHolder(t),
    secondUnmount(t),
    removeOfStrangersDevice(t, true),
    removeOfStrangersDevice(t, false),
  ]);
});

test('nothing is left', assertNothingLeft);
