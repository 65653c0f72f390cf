// A storage whose pool is not that of its records: older, newer, another storage's, blank, damaged or no file at all. And
// pending transactions and deletions with wrong bits: a thin device that a record names is never deleted by mistake.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { attempt } from '../../../src/ioctl/input/attempt.ts';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { SmallFiles } from '../../support/kernel/hostile/directory.ts';
import { allFlips } from '../../support/kernel/hostile/mutations.ts';
import { withLayers } from '../../support/kernel/hostile/subject.ts';
import {
  assertThins,
  attemptOpen,
  report,
  type Subject,
  startTally,
  type Trial,
  thinIds,
} from '../../support/kernel/hostile/trial.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, scratchDirectory } from '../../support/kernel/scratch.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';

const FILES = ['data', 'metadata'] as const;
const SUPERBLOCK = 4096;

/** Copies the files of a pool. */
function copyPool(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of FILES) {
    execFileSync('cp', ['--sparse=always', join(from, name), join(to, name)]);
  }
}

interface PoolState extends Omit<Trial, 'what' | 'must'> {
  readonly what: string;
  /** Changes the files of the pool in their directory. */
  readonly put: (loop: string) => void;
}

/** The metadata with other bytes at an offset. */
const overwritten =
  (at: number, bytes: Buffer) =>
  (loop: string): void => {
    const path = join(loop, 'metadata');
    const content = readFileSync(path);
    bytes.copy(content, at);
    writeFileSync(path, content);
  };

const instead =
  (name: (typeof FILES)[number], make: (path: string) => void) =>
  (loop: string): void => {
    const path = join(loop, name);
    rmSync(path);
    make(path);
  };

/** What can be in the place of either file. */
const PLACES: readonly (readonly [what: string, make: (path: string) => void])[] = [
  ['nothing', () => undefined],
  ['an empty file', (path) => writeFileSync(path, '')],
  ['a fifo', (path) => execFileSync('mknod', [path, 'p'])],
  ['a directory', (path) => mkdirSync(path)],
  ['a character device', (path) => execFileSync('mknod', [path, 'c', '1', '5'])],
  ['a terminal', (path) => execFileSync('mknod', [path, 'c', '5', '2'])],
  ['a dangling link', (path) => symlinkSync('missing', path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
];

const zeros = (length: number): Buffer => Buffer.alloc(length);

const DAMAGED: readonly PoolState[] = [
  ...FILES.flatMap((name) =>
    PLACES.map(([what, make]) => ({
      what: `${what} in the place of ${name}`,
      put: instead(name, make),
      names: new RegExp(`/devicemapper/${name}\\b`),
    })),
  ),
  {
    what: 'metadata and data are exchanged',
    put: (loop) => {
      renameSync(join(loop, 'data'), join(loop, 'x'));
      renameSync(join(loop, 'metadata'), join(loop, 'data'));
      renameSync(join(loop, 'x'), join(loop, 'metadata'));
    },
    names: /\/devicemapper\/metadata\b/,
  },
  { what: 'blank metadata', put: overwritten(0, zeros(8 * MiB)), names: /metadata is blank/ },
  {
    what: 'a blank superblock',
    put: overwritten(0, zeros(SUPERBLOCK)),
    names: /metadata is blank/,
  },
  {
    what: 'half a superblock',
    put: overwritten(SUPERBLOCK / 2, Buffer.alloc(SUPERBLOCK / 2, 1)),
    names: /\/devicemapper\/metadata is damaged/,
  },
  ...[2048, SUPERBLOCK, 64 * 1024, 4 * MiB].map((size) => ({
    what: `metadata of ${size} bytes`,
    put: (loop: string) => truncateSync(join(loop, 'metadata'), size),
    names: /\/devicemapper\/metadata\b/,
  })),
  ...[SUPERBLOCK, 64 * 1024, 256 * MiB].map((size) => ({
    what: `data of ${size} bytes`,
    put: (loop: string) => truncateSync(join(loop, 'data'), size),
    names: /\/devicemapper\/data has \d+/,
  })),
  ...Array.from({ length: 48 }, (_, word) => ({
    what: `another bit in bytes ${word * 8} to ${word * 8 + 7} of the superblock`,
    put: (loop: string) => {
      const at = word * 8;
      const byte = readFileSync(join(loop, 'metadata')).subarray(at, at + 1);
      overwritten(at, Buffer.of(byte[0]! ^ 16))(loop);
    },
    names: /\/devicemapper\/metadata\b/,
  })),
];

/** The thin ids in readable metadata. A fifo in its place would wait for a writer. */
async function idsIfReadable(root: string): Promise<readonly number[] | undefined> {
  const found = lstatSync(join(root, 'devicemapper/metadata'), { throwIfNoEntry: false });
  return found?.isFile() ? attempt(() => thinIds(root)) : undefined;
}

test('a pool that is damaged, blank or no file is refused', async (t) => {
  t.timeout(600_000);
  const subject = await withLayers(t);
  const { root } = subject;
  const loop = join(root, 'devicemapper');
  const good = join(scratchDirectory(t), 'good');
  copyPool(loop, good);
  const tally = startTally();
  for (const { put, ...trial } of DAMAGED) {
    put(loop);
    const before = await idsIfReadable(root);
    await attemptOpen(t, subject, { ...trial, must: 'refuse', view: false }, tally);
    t.deepEqual(await idsIfReadable(root), before, trial.what);
    rmSync(loop, { recursive: true });
    copyPool(good, loop);
    chmodSync(loop, 0o700);
  }
  report(t, t.title, tally);
  await attemptOpen(
    t,
    subject,
    { what: 'as before', names: /^$/, must: 'open', view: true },
    tally,
  );
});

test('a pool of another age or another storage is refused', async (t) => {
  t.timeout(600_000);
  const [subject, other] = [await withLayers(t), await withLayers(t)];
  const { root, dm } = subject;
  const [loop, metadata] = [join(root, 'devicemapper'), join(root, 'metadata')];
  const scratch = scratchDirectory(t);
  const [older, newer] = [join(scratch, 'older'), join(scratch, 'newer')];
  copyPool(loop, older);
  const oldRecords = new SmallFiles(root, ['metadata']);
  const storage = await openStorage(t, root, [], { dm });
  await storage.create('d', { parent: 'a' });
  await storage.shutdown();
  const records = new SmallFiles(root, ['metadata']);
  copyPool(loop, newer);
  const all = { ...subject, layers: ['a', 'b', 'c', 'd'], thins: await thinIds(root) };
  const tally = startTally();
  const names = /its transaction id is \d+, but the recorded one is \d+ .*transaction-metadata/;

  copyPool(older, loop);
  const one = /its transaction id is 4, and it does not have thin device \d of layer "d"/;
  await attemptOpen(t, all, { what: 'the pool is older', names: one, must: 'refuse' }, tally);
  const path = join(metadata, 'transaction-metadata');
  const { openId, ...rest } = transactionKind.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, transactionKind.print({ ...rest, openId: openId + 1n }));
  await attemptOpen(t, all, { what: 'by two transactions', names, must: 'refuse' }, tally);
  rmSync(join(metadata, 'transaction-metadata'));
  const told = await attemptOpen(
    t,
    all,
    { what: 'and no transaction', names, must: 'open' },
    tally,
  );
  t.regex(told.join(), /layer "d" names thin device \d+, which the pool does not have/);

  copyPool(newer, loop);
  oldRecords.restore();
  await attemptOpen(t, subject, { what: 'the pool is newer', names, must: 'refuse' }, tally);
  await assertThins(t, all, 'the pool is newer');

  oldRecords.restore();
  copyPool(join(other.root, 'devicemapper'), loop);
  const uuid = /the base device: .* UUID .*BaseDeviceUUID in metadata\/deviceset-metadata/;
  await attemptOpen(t, subject, { what: 'another pool', names: uuid, must: 'refuse' }, tally);
  await assertThins(t, subject, 'another pool');

  copyPool(newer, loop);
  records.restore();
  await attemptOpen(t, all, { what: 'as before', names, must: 'open' }, tally);
  report(t, t.title, tally);
});

interface Pending {
  readonly what: string;
  /** Prepares the state, and names the file whose bits are wrong. */
  readonly prepare: (subject: Subject) => Promise<string>;
  /** What the state itself may delete. */
  readonly layer?: string;
  readonly thin?: number;
}

/** Reads, changes and writes the record of a layer. */
function changeRecord(root: string, id: string, deleted: boolean): void {
  const path = join(root, 'metadata', id);
  const record = layerKind.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, layerKind.print({ ...record, deleted }));
}

/** Writes the intent of the pool's next transaction. */
function intend(root: string, hash: string, deviceId: number): string {
  const file = 'metadata/transaction-metadata';
  const path = join(root, file);
  const { openId } = transactionKind.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, transactionKind.print({ openId: openId + 1n, hash, deviceId }));
  return file;
}

const PENDING: readonly Pending[] = [
  {
    what: 'a pending creation',
    prepare: async ({ root, dm }) => {
      const storage = await DevicemapperStorage.open({ root, dm, storageOptions: SMALL });
      await dm.message(poolName(await layoutOf(storage.root)), 'create_snap 8 1');
      await storage.shutdown();
      return intend(root, 'new', 8);
    },
    thin: 8,
  },
  {
    what: 'a deletion that had not begun',
    prepare: async ({ root }) => intend(root, 'c', 4),
  },
  {
    what: 'a pending deletion',
    prepare: async ({ root }) => {
      changeRecord(root, 'c', true);
      return 'metadata/c';
    },
    layer: 'c',
    thin: 4,
  },
  {
    what: 'an interrupted deletion',
    prepare: async ({ root }) => {
      changeRecord(root, 'c', true);
      return intend(root, 'c', 4);
    },
    layer: 'c',
    thin: 4,
  },
];

for (const { what, prepare, layer, thin } of PENDING) {
  test(`${what} with any wrong bit deletes nothing else`, async (t) => {
    t.timeout(600_000);
    const subject = await withLayers(t);
    const { root } = subject;
    const file = await prepare(subject);
    const loop = join(root, 'devicemapper');
    const good = join(scratchDirectory(t), 'metadata');
    copyFileSync(join(loop, 'metadata'), good);
    const before = await thinIds(root);
    const files = new SmallFiles(root, ['metadata']);
    const kept = {
      ...subject,
      layers: subject.layers.filter((id) => id !== layer),
      thins: before.filter((id) => id !== thin),
    };
    const trial = {
      names: /metadata|layer "\w+"/,
      changes: true,
      free: layer === undefined ? [] : [layer],
    };
    const tally = startTally();
    let deleted = 0;
    for (const { what: bit, put } of [
      { what: 'no wrong bit', put: () => undefined },
      ...allFlips(files.of(file)),
    ]) {
      put(join(root, file), files.of(file));
      await attemptOpen(t, kept, { ...trial, what: `${file}: ${bit}` }, tally);
      const now = await thinIds(root);
      await assertThins(t, kept, bit);
      if (now.length < before.length) {
        deleted += 1;
        copyFileSync(good, join(loop, 'metadata'));
      }
      files.restore();
    }
    report(t, t.title, tally);
    t.log(`the thin device of the transaction is deleted in ${deleted} cases`);
    t.is(deleted > 0, thin !== undefined);
  });
}

test('a layer whose record names a thin device of another transaction is not removed', async (t) => {
  const subject = await withLayers(t);
  const { root, dm } = subject;
  const path = join(root, 'metadata/b');
  const good = readFileSync(path, 'utf8');
  for (const options of [[], ['dm.blkdiscard=false']]) {
    writeFileSync(path, good.replace('"device_id":3', '"device_id":7'));
    const storage = await openStorage(t, root, options, { dm });
    t.regex(storage.notices.join(), /the record of layer "b" names thin device 7 and transaction/);
    await t.throwsAsync(storage.remove('b'), {
      code: 'ERR_STORAGE_RECORD',
      message: /^layer "b": cannot remove it: thin device 7 .* metadata\/b names/,
    });
    await storage.shutdown();
    await assertThins(t, subject, 'after the refusal');
    writeFileSync(path, good);
  }
  const storage = await openStorage(t, root, [], { dm });
  t.deepEqual(storage.notices, []);
  await storage.remove('b');
  await storage.shutdown();
});

test('a link in the place of the content of a layer is not followed', async (t) => {
  const root = storageRoot(t);
  const outside = scratchDirectory(t);
  chmodSync(outside, 0o700);
  const storage = await openStorage(t, root);
  await storage.create('a');
  const content = await storage.mount('a');
  rmSync(content, { recursive: true });
  rmSync(join(content, '../id'));
  symlinkSync(outside, content);
  await storage.unmount('a');
  await t.throwsAsync(storage.mount('a'), {
    code: 'ERR_STORAGE_FILESYSTEM',
    message: /layer "a": .*rootfs/,
  });
  await storage.close();
  await using view = await DevicemapperStorage.open({ root, readOnly: true });
  const changes = async () => {
    for await (const _ of view.changes('a'));
  };
  await t.throwsAsync(changes(), {
    code: 'ERR_STORAGE_FILESYSTEM',
    message: /invalid rootfs in its filesystem: expected a directory, got a symbolic link/,
  });
  t.is(statSync(outside).mode & 0o777, 0o700);
});

test('nothing is left', assertNothingLeft);
