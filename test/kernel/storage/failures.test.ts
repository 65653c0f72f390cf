// What a storage does when the pool, the kernel or the disk refuses something in the middle of a change.

import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Dm } from '../../../src/dm/commands.ts';
import { openControlNode } from '../../../src/dm/control-node.ts';
import { type DeviceMapper, type DevicemapperStorage, ThinPool } from '../../../src/index.ts';
import { errnoNumber } from '../../../src/ioctl/errno.ts';
import { layoutOf, poolName } from '../../../src/storage/layout.ts';
import { MiB, openDm } from '../helpers/scratch.ts';
import { openStorage, storageRoot } from '../helpers/storage.ts';
import { testPool } from '../helpers/thin.ts';

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

test('an unmount after ERR_LAYER_BUSY lets go of the device', async (t) => {
  const dm = await openDm(t);
  const storage = await openStorage(t, storageRoot(t), UNDEFERRED);
  await storage.create('a');
  await storage.mount('a');
  const name = storage.metadata('a').DeviceName;
  const fd = openSync((await dm.info(name)).path, 'r');
  await t.throwsAsync(storage.unmount('a'), { code: 'ERR_LAYER_BUSY' });
  closeSync(fd);
  await storage.unmount('a');
  t.false(await dm.exists(name));
});

test('remove without deferral is refused while a stranger has the device', async (t) => {
  const dm = await openDm(t);
  const root = storageRoot(t);
  const storage = await openStorage(t, root, [...UNDEFERRED, 'dm.blkdiscard=true']);
  await storage.create('a');
  const { DeviceId, DeviceName: name } = storage.metadata('a');
  const pool = await ThinPool.open(dm, poolName(await layoutOf(root)));
  const { path } = await pool.activateThin(Number(DeviceId), { name, length: 64 * 2048 });
  const fd = openSync(path, 'r');
  await t.throwsAsync(storage.remove('a'), { code: 'ERR_LAYER_BUSY' });
  t.deepEqual(ids(storage), ['a']);
  closeSync(fd);
  await storage.remove('a');
  t.deepEqual(ids(storage), []);
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
