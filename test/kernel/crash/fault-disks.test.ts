// What a storage does when the disk of its records or of its pool fails or is full: an error that names the cause, no
// suspended device, and after the repair everything works.

import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type DeviceMapper, isDmError } from '../../../src/index.ts';
import { mount, unmount } from '../../../src/ioctl/file/mount.ts';
import { type Layout, layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { mountedLayers, mountPoint } from '../../../src/storage/layers/mount-counts.ts';
import { type FaultyDisk, faultyDisk } from '../../support/faults/faulty-disk.ts';
import { wrongDevices, wrongRecords, wrongStorage } from '../../support/faults/look.ts';
import { TINY } from '../../support/faults/storage-subject.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, openDm, output } from '../../support/kernel/scratch.ts';
import { storageRoot } from '../../support/kernel/storage.ts';

/** An operation on a storage with the mounted layer `a` and the layer `b`. */
interface Operation {
  readonly title: string;
  readonly run: (storage: DevicemapperStorage) => Promise<unknown>;
}

const OPERATIONS: readonly Operation[] = [
  { title: 'create', run: (storage) => storage.create('new') },
  {
    title: 'create a child of a mounted layer',
    run: (storage) => storage.create('new', { parent: 'a' }),
  },
  { title: 'mount', run: (storage) => storage.mount('b') },
  { title: 'unmount', run: (storage) => storage.unmount('a') },
  { title: 'remove', run: (storage) => storage.remove('b') },
  { title: 'status', run: (storage) => storage.status() },
  { title: 'close', run: (storage) => storage.close() },
  { title: 'shutdown', run: (storage) => storage.shutdown() },
];

/** Operations that end the storage object. */
const ENDING = ['close', 'shutdown'];

/** The error of a task; `undefined` if it succeeds. A task that hangs ends the test by its time limit. */
const errorOf = (task: Promise<unknown>): Promise<(Error & { code?: string }) | undefined> =>
  task.then(
    () => undefined,
    (error: Error) => error,
  );

// --- The disk of the records ----------------------------------------------------------------------

interface Records {
  readonly directory: string;
  readonly disk: FaultyDisk;
}

/** Writes until not one byte more has room. */
function fill(directory: string): void {
  for (let size = MiB; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;)
        appendFileSync(join(directory, 'lost+found/filler'), Buffer.alloc(size), { flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

async function mountAgain({ directory, disk }: Records): Promise<void> {
  await disk.mend();
  await unmount(directory, { lazy: true });
  // Status 1: it has corrected something.
  output('sh', '-c', 'e2fsck -y -f "$0" >/dev/null; test $? -le 1', disk.path);
  await mount({ source: disk.path, target: directory, type: 'ext4' });
}

/** The faults of the disk of the records, and the word of each in the error. */
const RECORD_FAULTS = [
  {
    title: 'is full',
    fail: async ({ directory }: Records) => fill(directory),
    mend: async ({ directory }: Records) => rmSync(join(directory, 'lost+found/filler')),
    words: /its filesystem is full/,
  },
  {
    title: 'is read-only',
    fail: async ({ directory }: Records) => void output('mount', '-o', 'remount,ro', directory),
    mend: async ({ directory }: Records) => void output('mount', '-o', 'remount,rw', directory),
    words: /its filesystem is read-only/,
  },
  {
    title: 'fails to write',
    fail: ({ disk }: Records) => disk.failWrites(),
    mend: mountAgain,
    words: /its disk fails|its filesystem is read-only/,
  },
] as const;

/** A storage whose records are on a disk of their own, with the mounted layer `a` and the layer `b`. */
async function withRecordsOnDisk(t: ExecutionContext, dm: DeviceMapper) {
  const disk = await faultyDisk(t, dm, 8 * MiB);
  const root = storageRoot(t);
  output('mkfs.ext4', '-q', '-m', '0', '-E', 'nodiscard', disk.path);
  const directory = join(root, 'metadata');
  mkdirSync(directory, { recursive: true });
  await mount({ source: disk.path, target: directory, type: 'ext4' });
  t.teardown(() => unmount(directory, { lazy: true }));
  const open = () => DevicemapperStorage.open({ root, storageOptions: TINY, dm });
  const storage = await open();
  await storage.create('a');
  await storage.create('b');
  await storage.mount('a');
  return { root, records: { directory, disk }, open, storage };
}

for (const { title, fail, mend, words } of RECORD_FAULTS) {
  test(`the disk of the records ${title}`, async (t) => {
    t.timeout(600_000);
    const dm = await openDm(t);
    const { root, records, open, storage: first } = await withRecordsOnDisk(t, dm);
    const layout = await layoutOf(root);
    let storage = first;
    for (const operation of OPERATIONS) {
      await fail(records);
      const error = await errorOf(operation.run(storage));
      t.log(`${title}, ${operation.title}: ${error?.message ?? 'succeeds'}`);
      if (error !== undefined) {
        t.is(error.code, 'ERR_STORAGE_WRITE', `${operation.title}: ${error.message}`);
        t.regex(error.message, words);
        t.true(error.message.includes(records.directory), error.message);
      }
      t.deepEqual(await wrongDevices(dm, layout.prefix), [], operation.title);
      if (!ENDING.includes(operation.title)) await storage.close();
      await mend(records);
      storage = await open();
      t.deepEqual(await wrongStorage(dm, layout), [], `${operation.title}: after the repair`);
      if (error !== undefined) await operation.run(storage);
      if (!storage.exists('b')) await storage.create('b');
      await storage.remove('new');
      while (storage.layer('b').mounts > 0) await storage.unmount('b');
      if (storage.layer('a').mounts === 0) await storage.mount('a');
    }
    await storage.shutdown();
    await fail(records);
    const error = await errorOf(open().then((opened) => opened.shutdown()));
    t.log(`${title}, open: ${error?.message ?? 'succeeds'}`);
    if (error !== undefined) t.regex(error.message, words);
    const left = (await dm.list()).filter(({ name }) => name.startsWith(layout.prefix));
    t.deepEqual(left, []);
    await mend(records);
    await (await open()).shutdown();
    t.deepEqual(await wrongStorage(dm, layout), []);
  });
}

// --- The disks of the pool ------------------------------------------------------------------------

/** Sectors of the metadata's superblock. */
const SUPERBLOCK = 8;

interface PoolDisks {
  readonly metadata: FaultyDisk;
  readonly data: FaultyDisk;
}

/** The codes of the operations that fail: what is wrong with the pool or with a filesystem on it. */
const CODES: readonly string[] = [
  'ERR_POOL_NEEDS_CHECK',
  'ERR_POOL_READ_ONLY',
  'ERR_POOL_FAILED',
  'ERR_STORAGE_POOL',
  'ERR_STORAGE_FILESYSTEM',
];

/** Whether an error is that of the pool or a filesystem, or names the device whose filesystem cannot be synced. */
const isOfPool = (error: Error & { readonly code?: string }): boolean =>
  CODES.includes(String(error.code)) || (isDmError(error, 'EIO') && error.device !== undefined);

/** The faults of the pool's disks. */
const POOL_FAULTS = [
  {
    title: 'the metadata fails to commit',
    fail: ({ metadata }: PoolDisks) => metadata.failWrites(SUPERBLOCK),
  },
  {
    title: 'the metadata fails',
    fail: ({ metadata }: PoolDisks) => metadata.failAll(),
  },
  {
    title: 'the data fails',
    fail: ({ data }: PoolDisks) => data.failAll(),
  },
] as const;

async function withPoolOnDisks(t: ExecutionContext, dm: DeviceMapper) {
  const metadata = await faultyDisk(t, dm, 4 * MiB);
  const data = await faultyDisk(t, dm, 256 * MiB);
  const root = storageRoot(t);
  const storageOptions = [
    `dm.datadev=${data.path}`,
    `dm.metadatadev=${metadata.path}`,
    'dm.basesize=32M',
    'dm.fs=ext4',
  ];
  const open = () => DevicemapperStorage.open({ root, storageOptions, dm });
  const storage = await open();
  await storage.create('a');
  await storage.create('b');
  await storage.shutdown();
  return { root, disks: { metadata, data }, open };
}

/** Unmounts every layer, and removes every device of a storage, the pool last. */
async function removeDevices(dm: DeviceMapper, layout: Layout): Promise<void> {
  for (const id of await mountedLayers(layout)) {
    await unmount(mountPoint(layout, id), { lazy: true });
  }
  const names = (await dm.list()).map(({ name }) => name);
  const isPool = (name: string): boolean => name === poolName(layout);
  for (const name of names.filter((one) => one.startsWith(layout.prefix) && !isPool(one))) {
    await dm.remove(name, { retryMs: 10_000 });
  }
  if (names.some(isPool)) await dm.remove(poolName(layout), { retryMs: 10_000 });
}

for (const { title, fail } of POOL_FAULTS) {
  test(title, async (t) => {
    t.timeout(600_000);
    const dm = await openDm(t);
    const { root, disks, open } = await withPoolOnDisks(t, dm);
    const layout = await layoutOf(root);
    for (const operation of OPERATIONS) {
      const storage = await open();
      await storage.mount('a');
      await fail(disks);
      const error = await errorOf(operation.run(storage));
      t.log(`${title}, ${operation.title}: ${error?.message ?? 'succeeds'}`);
      if (error !== undefined) t.true(isOfPool(error), `${operation.title}: ${error.message}`);
      t.deepEqual(await wrongDevices(dm, layout.prefix), [], operation.title);
      if (!ENDING.includes(operation.title)) await storage.close();
      await disks.metadata.mend();
      await disks.data.mend();
      await removeDevices(dm, layout);
      output('thin_check', '--clear-needs-check-flag', disks.metadata.path);
      const again = await open();
      await again.mount('a');
      if (error !== undefined && !ENDING.includes(operation.title)) await operation.run(again);
      await again.remove('new');
      if (!again.exists('b')) await again.create('b');
      await again.shutdown();
      t.deepEqual(await wrongRecords(layout, disks.metadata.path), [], operation.title);
    }
  });
}

test('nothing is left', assertNothingLeft);
