// The operations of a storage directory for the fault matrix.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { deviceName, layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import type { Operation } from './matrix.ts';
import { PARENT, type StorageSubject, TINY } from './storage-subject.ts';

type StorageOperation = Operation<StorageSubject>;

const CHILD = 'child';
const MiB = 1024n * 1024n;

/** The storage is open, the child does not exist, and the parent is mounted or not. */
async function withoutChild(subject: StorageSubject, parentMounted = false): Promise<void> {
  const storage = await subject.open();
  await storage.remove(CHILD);
  await storage.deletePending();
  if (subject.isMounted(PARENT) !== parentMounted) {
    if (parentMounted) await storage.mount(PARENT);
    else await storage.unmount(PARENT);
  }
}

/** The storage is open, and the child exists and is mounted or not. */
async function withChild(subject: StorageSubject, mounted = false): Promise<void> {
  const storage = await subject.open();
  if (subject.isMounted(PARENT)) await storage.unmount(PARENT);
  await storage.deletePending();
  if (!subject.has(CHILD)) await storage.create(CHILD, { parent: PARENT });
  if (subject.isMounted(CHILD) === mounted) return;
  if (mounted) await storage.mount(CHILD);
  else await storage.unmount(CHILD);
}

/** The storage is shut down. */
async function shutDown(subject: StorageSubject): Promise<void> {
  if (subject.isOpen || (await subject.isActive('pool'))) await subject.shutDown();
}

const isOpen = (subject: StorageSubject): boolean => subject.isOpen;

/** The child is not mounted, but its device is open. */
async function withHeldChild(subject: StorageSubject): Promise<void> {
  subject.release();
  await withChild(subject, true);
  await subject.hold(CHILD);
  await subject.storage.unmount(CHILD);
}

/** Leaves what a process that died in the middle of a create leaves, and a suspended device. */
async function crash(subject: StorageSubject): Promise<void> {
  await withoutChild(subject, true);
  await subject.close();
  const pool = await subject.pool();
  const status = await pool.status();
  if (status.state !== 'working') throw new Error(`The pool is ${status.state}`);
  const { transactionId } = status;
  const deviceId = Math.max(...(await pool.thinDetails()).keys()) + 1;
  await pool.createThin(deviceId);
  const layout = await layoutOf(subject.root);
  const pending = { openId: transactionId + 1n, hash: CHILD, deviceId };
  writeFileSync(join(layout.metadata, 'transaction-metadata'), transactionKind.print(pending));
  await subject.sound.suspend(deviceName(layout, PARENT));
}

const tarOf = (storage: DevicemapperStorage): Promise<Buffer> =>
  storage.diff(PARENT).then((stream) => buffer(stream));

let tar: Buffer | undefined;

/** Opens the storage with other options. Its repetition follows an open that repairs. */
async function openAgain(subject: StorageSubject, options: readonly string[]): Promise<void> {
  await subject.close();
  await subject.open(options);
}

/** Sizes that grow from run to run. */
const grown = { data: 256n, metadata: 1024n };

async function poolSize(subject: StorageSubject): Promise<bigint> {
  const status = await (await subject.pool()).status();
  return status.state === 'working' ? status.data.total * 65_536n : 0n;
}

const baseSize = (subject: StorageSubject): bigint =>
  BigInt(/"size":(\d+)/.exec(readFileSync(join(subject.root, 'metadata/base'), 'utf8'))?.[1] ?? 0);

/** The set-up of a storage, and its growth. */
export const SET_UP: readonly StorageOperation[] = [
  {
    title: 'first open',
    prepare: (subject) => subject.erase(),
    run: (subject) => subject.open(),
    isDone: isOpen,
  },
  {
    title: 'grow the base device',
    prepare: async (subject) => subject.renew(),
    run: (subject) => openAgain(subject, ['dm.basesize=64M']),
    isDone: (subject) => subject.isOpen && baseSize(subject) === 64n * MiB,
  },
  {
    title: 'grow the pool',
    prepare: async (subject) => {
      if (!(await subject.isActive('pool'))) await subject.open();
      await subject.close();
      grown.data += 1n;
      grown.metadata += 1n;
    },
    run: (subject) =>
      openAgain(subject, [
        `dm.loopdatasize=${grown.data}M`,
        `dm.loopmetadatasize=${grown.metadata * 4096n}`,
      ]),
    isDone: async (subject) => subject.isOpen && (await poolSize(subject)) === grown.data * MiB,
  },
];

/** Operations that open and close the directory. */
export const OPENING: readonly StorageOperation[] = [
  {
    title: 'open',
    prepare: shutDown,
    run: (subject) => subject.open(),
    isDone: isOpen,
  },
  {
    title: 'open with a mounted layer',
    prepare: async (subject) => {
      const storage = await subject.open();
      if (!subject.isMounted(PARENT)) await storage.mount(PARENT);
      await subject.close();
    },
    run: (subject) => subject.open(),
    isDone: (subject) => subject.isOpen && subject.isMounted(PARENT),
  },
  {
    title: 'open after a crash in a create',
    prepare: crash,
    run: (subject) => subject.open(),
    isDone: isOpen,
  },
  {
    title: 'close',
    prepare: async (subject) => void (await subject.open()),
    run: (subject) => subject.close(),
    isDone: (subject) => !subject.isOpen,
    mayBeDone: true,
  },
  {
    title: 'shutdown',
    prepare: async (subject) => {
      const storage = await subject.open();
      if (!subject.isMounted(PARENT)) await storage.mount(PARENT);
    },
    run: (subject) => subject.shutDown(),
    isDone: async (subject) => !(await subject.isActive('pool')),
    mayBeDone: true,
  },
  {
    title: 'diff by a view of an inactive pool',
    prepare: shutDown,
    run: async (subject) => {
      // Its repetition follows an open that repairs.
      await shutDown(subject);
      const view = await DevicemapperStorage.open({
        root: subject.root,
        storageOptions: TINY,
        readOnly: true,
        dm: subject.dm,
      });
      try {
        await buffer(await view.diff(PARENT));
      } finally {
        await view.close();
      }
    },
    isDone: async (subject) =>
      !(await subject.sound.exists(poolName(await layoutOf(subject.root)))),
    mayBeDone: true,
  },
];

/** Operations on layers. */
export const LAYERS: readonly StorageOperation[] = [
  {
    title: 'create',
    prepare: (subject) => withoutChild(subject),
    run: (subject) => subject.storage.create(CHILD),
    isDone: (subject) => subject.has(CHILD),
  },
  {
    title: 'create a child of a mounted layer',
    prepare: (subject) => withoutChild(subject, true),
    run: (subject) => subject.storage.create(CHILD, { parent: PARENT }),
    isDone: (subject) => subject.has(CHILD),
  },
  {
    title: 'create a larger layer',
    prepare: (subject) => withoutChild(subject),
    run: (subject) => subject.storage.create(CHILD, { parent: PARENT, size: 64n * MiB }),
    isDone: (subject) => subject.has(CHILD),
  },
  {
    title: 'mount',
    prepare: (subject) => withChild(subject),
    run: (subject) => subject.storage.mount(CHILD),
    isDone: (subject) => subject.isMounted(CHILD),
  },
  {
    title: 'unmount',
    prepare: (subject) => withChild(subject, true),
    run: (subject) => subject.storage.unmount(CHILD),
    isDone: (subject) => !subject.isMounted(CHILD),
    mayBeDone: true,
  },
  {
    title: 'remove',
    prepare: (subject) => withChild(subject),
    run: (subject) => subject.storage.remove(CHILD),
    isDone: (subject) => !subject.storage.exists(CHILD),
  },
  {
    title: 'remove without a discard',
    prepare: async (subject) => {
      await withChild(subject);
      await subject.close();
      await subject.open(['dm.blkdiscard=false']);
    },
    run: (subject) => subject.storage.remove(CHILD),
    isDone: (subject) => !subject.storage.exists(CHILD),
  },
  {
    title: 'remove a layer in use',
    prepare: withHeldChild,
    run: (subject) => subject.storage.remove(CHILD),
    isDone: (subject) => !subject.has(CHILD),
    mayBeDone: true,
  },
  {
    title: 'deferred deletion',
    prepare: async (subject) => {
      await withHeldChild(subject);
      await subject.storage.remove(CHILD);
      subject.release();
    },
    run: (subject) => subject.storage.deletePending(),
    isDone: (subject) => !subject.storage.exists(CHILD),
  },
  {
    title: 'diff',
    prepare: (subject) => withoutChild(subject),
    run: async (subject) => {
      if ((await tarOf(subject.storage)).length < 2048) throw new Error('The tar is too short');
    },
    isDone: (subject) => !subject.isMounted(PARENT),
    mayBeDone: true,
  },
  {
    title: 'apply',
    prepare: async (subject) => {
      await withoutChild(subject);
      tar ??= await tarOf(subject.storage);
      await subject.storage.create(CHILD);
    },
    run: (subject) => subject.storage.apply(CHILD, undefined, Readable.from([tar])),
    isDone: async (subject) => {
      const content = await subject.storage.mount(CHILD);
      try {
        return existsSync(join(content, 'a'));
      } finally {
        await subject.storage.unmount(CHILD);
      }
    },
    mayBeDone: true,
  },
  {
    title: 'status',
    prepare: (subject) => withoutChild(subject),
    run: (subject) => subject.storage.status(),
    isDone: () => true,
    mayBeDone: true,
  },
];
