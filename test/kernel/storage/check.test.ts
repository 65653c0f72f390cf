// A check names each kind of damage and changes nothing; a repair makes the directory clean, or leaves the decision to a person.

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { thin, zero } from '../../../src/dm/targets/index.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import {
  checkStorage,
  DevicemapperStorage,
  repairStorage,
  type StorageFindingCode,
  type StorageReport,
} from '../../../src/storage/index.ts';
import { viewPoolName } from '../../../src/storage/view/leftovers.ts';
import { thinUuid } from '../../../src/thin/devices/active-thins.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { workIn } from '../../support/kernel/holder.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { output, removeAfter, scratchDirectory } from '../../support/kernel/scratch.ts';
import { openStorage, SMALL, storageRoot, withMounted } from '../../support/kernel/storage.ts';

const CONTENT = 'what layer a was told to keep';
const LENGTH = 64 * 2048;
/** The thin ids of the base device and of the layers, and the next one. */
const [BASE_THIN, A, B, NEXT] = [1, 2, 3, 4];

/** A storage with the layers `a` and `b`, in any state that a test then damages. */
interface Scene {
  readonly root: string;
  readonly dm: DeviceMapper;
  /** The name of the device of a layer or of the pool. */
  readonly device: (id: string) => string;
  readonly file: (name: string) => string;
  readonly pool: () => Promise<ThinPool>;
}

let template = '';

test.before('a storage with two layers', async () => {
  template = join(output('mktemp', '--directory', '/tmp/dmts-check-XXXXXX').trim(), 'template');
  const storage = await DevicemapperStorage.open({ root: template, storageOptions: SMALL });
  await storage.create('a');
  await withMounted(storage, 'a', (content) =>
    writeFileSync(join(content, 'file'), CONTENT, { flush: true }),
  );
  await storage.create('b', { parent: 'a' });
  await storage.shutdown();
});

test.after.always('remove the template', () => rmSync(join(template, '..'), { recursive: true }));

async function sceneOf(t: ExecutionContext): Promise<Scene> {
  const root = storageRoot(t);
  execFileSync('cp', ['--archive', '--sparse=always', template, root]);
  const layout = await layoutOf(root);
  const dm = await DeviceMapper.open({ udev: { sync: false } });
  t.teardown(() => dm.close());
  return {
    root,
    dm,
    device: (id) => `${layout.prefix}-${id}`,
    file: (name) => join(root, 'metadata', name),
    pool: () => ThinPool.open(dm, poolName(layout)),
  };
}

/** Activates the pool, as a process that died left it. */
async function activate(t: ExecutionContext, { root }: Scene): Promise<void> {
  await (await openStorage(t, root)).close();
}

/** Every byte that a check could change. */
function bytesOf({ root }: Scene): string {
  const files = output('find', join(root, 'metadata'), '-type', 'f').trim().split('\n').toSorted();
  const pool = join(root, 'devicemapper/metadata');
  return output('sha256sum', ...files, ...(existsSync(pool) ? [pool] : []));
}

const codesOf = ({ findings }: StorageReport): readonly StorageFindingCode[] =>
  findings.map(({ code }) => code);

interface Damage {
  readonly title: string;
  readonly damage: (t: ExecutionContext, scene: Scene) => Promise<void>;
  readonly found: readonly StorageFindingCode[];
  /** What is left after a repair. @default nothing */
  readonly left?: readonly StorageFindingCode[];
  /** The repair is refused before a person has acted. */
  readonly refused?: string;
}

const DAMAGES: readonly Damage[] = [
  {
    title: 'the device of a layer is suspended, active without a mount, and has an inactive table',
    async damage(t, scene) {
      await activate(t, scene);
      const pool = await scene.pool();
      const name = scene.device('a');
      await pool.activateThin(A, { name, length: LENGTH });
      const { targets } = await scene.dm.table(name, { noFlush: true });
      await scene.dm.load(name, [thin({ length: LENGTH, pool: pool.path, id: A })]);
      t.is(targets.length, 1);
      await scene.dm.suspend(name);
    },
    found: ['device-inactive-table', 'device-suspended', 'device-idle'],
  },
  {
    title: 'a device has no table',
    async damage(t, scene) {
      await activate(t, scene);
      await scene.dm.create(scene.device('b'));
    },
    found: ['device-without-table'],
  },
  {
    title: 'the device of the base device has no table',
    async damage(t, scene) {
      await activate(t, scene);
      const { dev } = await scene.dm.info(scene.device('pool'));
      await scene.dm.create(scene.device('base'), { uuid: thinUuid(dev, BASE_THIN) });
    },
    found: ['device-without-table'],
  },
  {
    title: 'the device of the pool has no table',
    damage: async (_, { dm, device }) => void (await dm.create(device('pool'))),
    found: ['device-without-table'],
  },
  {
    title: 'the pool is suspended and has an inactive table',
    async damage(t, scene) {
      await activate(t, scene);
      const { name, table } = await scene.pool().then(async (pool) => ({
        name: pool.name,
        table: (await scene.dm.table(pool.name, { noFlush: true })).targets,
      }));
      const { length, type, params } = table[0]!;
      await scene.dm.load(name, [{ length, type, params }]);
      await scene.dm.suspend(name, { noFlush: true });
    },
    found: ['pool-suspended'],
  },
  {
    title: 'the device of a removed layer exists',
    async damage(t, scene) {
      await activate(t, scene);
      const pool = await scene.pool();
      await pool.createThin(9);
      await pool.activateThin(9, { name: scene.device('gone'), length: LENGTH });
    },
    found: ['thin-unrecorded', 'device-idle'],
    left: ['thin-unrecorded'],
  },
  {
    title: 'a device has the name of a layer and is another thin device',
    async damage(t, scene) {
      await activate(t, scene);
      const pool = await scene.pool();
      const { path } = await pool.activateThin(A, {
        name: scene.device('b'),
        length: LENGTH,
      });
      const fd = openSync(path, 'r');
      t.teardown(() => closeSync(fd));
    },
    found: ['device-foreign'],
    left: ['device-foreign'],
  },
  {
    title: 'a transaction is not complete',
    async damage(t, scene) {
      await activate(t, scene);
      const pool = await scene.pool();
      const { transactionId } = await pool.status().then((status) => {
        if (status.state !== 'working') throw new Error(status.state);
        return status;
      });
      writeFileSync(
        scene.file('transaction-metadata'),
        transactionKind.print({ openId: transactionId + 1n, hash: 'c', deviceId: NEXT }),
      );
      await pool.createSnap(NEXT, A);
    },
    found: ['transaction-pending'],
  },
  {
    title: 'the pool is older than the records',
    async damage(_, { file }) {
      writeFileSync(
        file('transaction-metadata'),
        transactionKind.print({ openId: 40n, hash: 'c', deviceId: NEXT }),
      );
    },
    found: ['transaction-mismatch'],
    refused: 'ERR_STORAGE_POOL',
  },
  {
    title: 'a transaction contradicts a record',
    async damage(_, { file }) {
      const { openId } = transactionKind.parse(readFileSync(file('transaction-metadata'), 'utf8'));
      writeFileSync(
        file('transaction-metadata'),
        transactionKind.print({ openId: openId + 1n, hash: 'c', deviceId: A }),
      );
    },
    found: ['transaction-contradiction'],
    refused: 'ERR_STORAGE_RECORD',
  },
  {
    title: 'two records are torn',
    async damage(_, { file }) {
      for (const name of ['a', 'deviceset-metadata']) writeFileSync(file(name), '{"device_id":');
    },
    // The thin device of the torn record has no other record.
    found: ['record-invalid', 'record-invalid', 'thin-unrecorded'],
    refused: 'ERR_STORAGE_RECORD',
  },
  {
    title: 'two records name one thin device',
    damage: async (_, { file }) => writeFileSync(file('copy'), readFileSync(file('a'), 'utf8')),
    found: ['record-duplicate'],
    refused: 'ERR_STORAGE_RECORD',
  },
  {
    title: 'files that are not records',
    async damage(_, { file }) {
      writeFileSync(file('.tmp123'), 'half');
      writeFileSync(file('.zzz'), '');
    },
    found: ['file-temporary', 'file-unknown'],
    left: ['file-unknown'],
  },
  {
    title: 'the record of the base device is missing',
    damage: async (_, { file }) => rmSync(file('base')),
    found: ['base-record', 'thin-unrecorded'],
    refused: 'ERR_STORAGE_BASE',
  },
  {
    title: 'the thin device of a layer is gone',
    async damage(t, scene) {
      await activate(t, scene);
      await (await scene.pool()).deleteThin(B);
    },
    found: ['thin-missing'],
    left: ['thin-missing'],
  },
  {
    title: 'the record of a layer names the transaction of another time',
    async damage(_, { file }) {
      const record = layerKind.parse(readFileSync(file('b'), 'utf8'));
      writeFileSync(file('b'), layerKind.print({ ...record, transactionId: 1n }));
    },
    found: ['thin-foreign'],
    left: ['thin-foreign'],
  },
  {
    title: 'a layer is removed and not deleted',
    async damage(_, { file }) {
      const record = layerKind.parse(readFileSync(file('b'), 'utf8'));
      writeFileSync(file('b'), layerKind.print({ ...record, deleted: true }));
    },
    found: ['deletion-pending'],
  },
  {
    title: 'the data of the pool is lost',
    async damage(_, { root }) {
      const data = join(root, 'devicemapper/data');
      output('truncate', '--size=0', data);
      output('truncate', '--size=512M', data);
    },
    found: ['base-filesystem'],
    refused: 'ERR_STORAGE_BASE',
  },
  {
    title: 'the files of the pool are gone',
    damage: async (_, { root }) => rmSync(join(root, 'devicemapper/metadata')),
    found: ['pool-missing'],
    refused: 'ERR_STORAGE_POOL',
  },
  {
    title: 'the metadata of the pool is blank',
    async damage(_, { root }) {
      output(
        'dd',
        'if=/dev/zero',
        `of=${join(root, 'devicemapper/metadata')}`,
        'bs=4k',
        'count=1',
        'conv=notrunc',
        'status=none',
      );
    },
    found: ['pool-missing'],
    refused: 'ERR_STORAGE_POOL',
  },
  {
    title: 'a view died and left its pool',
    async damage(t, { root, dm }) {
      const layout = await layoutOf(root);
      const name = viewPoolName(layout);
      removeAfter(t, name);
      await dm.create(name, { table: [zero({ length: 8 })] });
    },
    found: ['view-leftover'],
  },
];

for (const { title, damage, found, left = [], refused } of DAMAGES) {
  test(title, async (t) => {
    const scene = await sceneOf(t);
    const { root } = scene;
    await damage(t, scene);
    const before = bytesOf(scene);
    const report = await checkStorage({ root, storageOptions: SMALL });
    t.deepEqual(codesOf(report), found);
    t.false(report.clean);
    t.is(bytesOf(scene), before, 'the check changes nothing');
    t.deepEqual(await checkStorage({ root, storageOptions: SMALL }), report, 'a second check');
    const repair = () => repairStorage({ root, storageOptions: SMALL });
    if (refused !== undefined) {
      await t.throwsAsync(repair(), { code: refused });
      t.is(bytesOf(scene), before, 'a refused repair changes nothing');
      return;
    }
    const { after } = await repair();
    t.deepEqual(codesOf(after), left);
    const repaired = bytesOf(scene);
    t.deepEqual(codesOf((await repair()).after), left, 'a second repair');
    if (left.length > 0) return;
    t.is(bytesOf(scene), repaired, 'a second repair changes nothing');
    const layers = await checkInvariants(t, root, SMALL);
    t.true(layers.includes('a'));
  });
}

test('a storage in order is clean: inactive, active, and with a mounted layer', async (t) => {
  const scene = await sceneOf(t);
  const { root } = scene;
  const before = bytesOf(scene);
  const report = await checkStorage({ root, storageOptions: SMALL });
  t.deepEqual(report, {
    root,
    clean: true,
    findings: [],
    notices: [],
    layers: 2,
    thinDevices: 3,
    pool: { name: scene.device('pool'), active: false, state: 'ok' },
  });
  t.is(bytesOf(scene), before);
  t.deepEqual(await scene.dm.list(), [], 'nothing stays active');
  const storage = await openStorage(t, root);
  await t.throwsAsync(checkStorage({ root }), { code: 'ERR_STORAGE_LOCKED' });
  await storage.mount('a');
  await storage.close();
  const active = await checkStorage({ root });
  t.deepEqual([active.clean, active.pool?.active], [true, true]);
});

test('a removed layer that is in use is in order', async (t) => {
  const scene = await sceneOf(t);
  const storage = await openStorage(t, scene.root);
  const user = await workIn(t, await storage.mount('b'));
  await storage.unmount('b');
  await storage.remove('b');
  await storage.close();
  t.true((await checkStorage({ root: scene.root })).clean);
  await user.release();
});

test('a thin device without a record becomes a layer again, with its content', async (t) => {
  const scene = await sceneOf(t);
  const { root, file } = scene;
  const record = readFileSync(file('b'), 'utf8');
  rmSync(file('b'));
  const repair = { root, storageOptions: SMALL };
  t.deepEqual(codesOf(await checkStorage(repair)), ['thin-unrecorded']);
  await t.throwsAsync(repairStorage({ ...repair, adopt: { a: B } }), { code: 'ERR_LAYER_EXISTS' });
  await t.throwsAsync(repairStorage({ ...repair, adopt: { b: A } }), {
    message: 'thin device 2: it belongs to layer "a"',
  });
  const { after } = await repairStorage({ ...repair, adopt: { b: B } });
  t.true(after.clean);
  t.is(readFileSync(file('b'), 'utf8'), record);
  const storage = await openStorage(t, root);
  await withMounted(storage, 'b', (content) =>
    t.is(readFileSync(join(content, 'file'), 'utf8'), CONTENT),
  );
  await storage.shutdown();
});

test('a thin device without a record is deleted on demand only', async (t) => {
  const scene = await sceneOf(t);
  const { root, file } = scene;
  rmSync(file('b'));
  const repair = { root, storageOptions: SMALL };
  t.deepEqual(codesOf((await repairStorage(repair)).after), ['thin-unrecorded']);
  await t.throwsAsync(repairStorage({ ...repair, deleteThins: [77] }), {
    message: /^thin device 77: pool '.*' does not have it$/,
  });
  t.true((await repairStorage({ ...repair, deleteThins: [B] })).after.clean);
  t.deepEqual(await checkInvariants(t, root, SMALL), ['a']);
});

test('something is mounted on the mount point of a layer that does not exist', async (t) => {
  const { root } = await sceneOf(t);
  const target = join(root, 'mnt/strange');
  mkdirSync(target, { recursive: true });
  output('mount', '--bind', scratchDirectory(t), target);
  t.teardown(() => void output('umount', target));
  t.deepEqual(codesOf(await checkStorage({ root })), ['mount-unknown']);
});

test('damaged metadata', async (t) => {
  const { root } = await sceneOf(t);
  const metadata = join(root, 'devicemapper/metadata');
  // Every block but the superblock.
  output(
    'dd',
    'if=/dev/urandom',
    `of=${metadata}`,
    'bs=4k',
    'seek=1',
    'count=200',
    'conv=notrunc',
    'status=none',
  );
  const { findings, thinDevices } = await checkStorage({ root });
  t.deepEqual(
    findings.map(({ code }) => code),
    ['metadata-damaged'],
  );
  t.is(thinDevices, undefined);
});

test('nothing is left', assertNothingLeft);
