// A process that works on a storage directory is killed at a certain point, and the next open of the directory repairs
// it. The points are the windows W1 to W17 between the calls that change something.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage, repairStorage } from '../../../src/storage/index.ts';
import {
  type CountedCall,
  killAt,
  listCalls,
  type Program,
  type Steps,
} from '../../support/crash/kill-at.ts';
import { workIn } from '../../support/kernel/holder.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';

const CONTENT = 'what layer a was told to keep';

/** A storage with a layer `a` that has content. */
async function withLayer(
  t: ExecutionContext,
  { mounted = false }: { readonly mounted?: boolean } = {},
): Promise<string> {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await storage.create('a');
  const content = await storage.mount('a');
  writeFileSync(join(content, 'file'), CONTENT, { flush: true });
  if (!mounted) await storage.unmount('a');
  await storage.close();
  return root;
}

interface EndOptions {
  /** Steps that undo the run that finds the call. */
  readonly undo?: Steps;
  readonly options?: readonly string[];
}

/** A call without what differs between runs. */
const shapeOf = ({ text }: CountedCall, root: string): string =>
  text.replaceAll(root, '').replace(/\d+/g, '0');

/** Run `steps`, undo them, and kill the next run at the entry of the call that `pick` selects. */
function endAt(
  t: ExecutionContext,
  root: string,
  steps: Steps,
  pick: (calls: readonly CountedCall[]) => CountedCall | undefined,
  { undo = [], options = SMALL }: EndOptions = {},
): void {
  const { calls } = listCalls({ root, steps, options });
  if (undo.length > 0) listCalls({ root, steps: undo, options });
  const call = pick(calls);
  if (call === undefined) {
    t.log(calls.map(({ text }) => text).join('\n'));
    throw new Error('no such call');
  }
  killAtCall(t, { root, steps, options }, call, root);
}

/** Kill a program at the entry of a call that another run in `listed` made. */
function killAtCall(
  t: ExecutionContext,
  program: Program,
  call: CountedCall,
  listed: string,
): void {
  const { call: reached } = killAt(program, { side: 'entry', number: call.number });
  t.log(reached?.text);
  t.is(reached && shapeOf(reached, program.root), shapeOf(call, listed));
}

const is =
  (name: string, pattern: RegExp) =>
  (call: CountedCall): boolean =>
    call.name === name && pattern.test(call.text);

/** The last matching call. */
const lastOf = (name: string, pattern: RegExp) => (calls: readonly CountedCall[]) =>
  calls.findLast(is(name, pattern));

/** The first matching call after the last call that `after` matches. */
const firstAfter =
  (after: (call: CountedCall) => boolean, name: string, pattern: RegExp) =>
  (calls: readonly CountedCall[]): CountedCall | undefined =>
    calls.slice(calls.findLastIndex(after)).find(is(name, pattern));

const TARGET_MSG = /DM_TARGET_MSG/;
/** Select a message by its index from the end. */
const messageFromEnd = (index: number) => (calls: readonly CountedCall[]) =>
  calls.filter(is('ioctl', TARGET_MSG)).at(-index);

/** Check the layers and the content of `a`. */
async function assertRight(
  t: ExecutionContext,
  root: string,
  layers: readonly string[],
): Promise<void> {
  t.deepEqual(await checkInvariants(t, root, SMALL), layers);
  const storage = await openStorage(t, root);
  t.is(readFileSync(join(await storage.mount('a'), 'file'), 'utf8'), CONTENT, 'I7');
  await storage.unmount('a');
  if (!layers.includes('b')) {
    await storage.create('b', { parent: 'a' });
    t.is(readFileSync(join(await storage.mount('b'), 'file'), 'utf8'), CONTENT, 'I9');
  }
  await storage.shutdown();
}

const CREATE: Steps = [['create', 'b', { parent: 'a' }]];
const UNDO: Steps = [['remove', 'b']];

type Window = readonly [
  title: string,
  pick: (calls: readonly CountedCall[]) => CountedCall | undefined,
];

const CREATE_WINDOWS: readonly Window[] = [
  [
    'W1: before the intent is recorded',
    (calls) => calls.filter(is('rename', /transaction-metadata/)).at(-1),
  ],
  ['W2: the intent is recorded, the message not sent', messageFromEnd(2)],
  ['W3: the thin device is created, its record not written', lastOf('rename', /metadata\/b$/)],
  ['W4: the record is written, the transaction id not set', messageFromEnd(1)],
  [
    'W5: the transaction id is set, but not verified',
    firstAfter(is('ioctl', TARGET_MSG), 'ioctl', /DM_TABLE_STATUS/),
  ],
];

for (const [title, pick] of CREATE_WINDOWS) {
  test(title, async (t) => {
    const root = await withLayer(t);
    endAt(t, root, CREATE, pick, { undo: UNDO });
    await assertRight(t, root, title.startsWith('W5') ? ['a', 'b'] : ['a']);
  });
}

test('W6: the origin is suspended', async (t) => {
  const root = await withLayer(t, { mounted: true });
  endAt(t, root, CREATE, messageFromEnd(2), { undo: UNDO });
  const layout = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  t.true((await dm.info(`${layout.prefix}-a`)).suspended, 'a is suspended');
  const storage = await openStorage(t, root);
  t.false((await dm.info(`${layout.prefix}-a`)).suspended, 'a is resumed');
  await storage.shutdown();
  await assertRight(t, root, ['a']);
});

const MOUNT: Steps = [['mount', 'a']];
const MOUNT_WINDOWS: typeof CREATE_WINDOWS = [
  ['W7: the device is created, without a table', lastOf('ioctl', /DM_TABLE_LOAD/)],
  [
    'W8: its table is loaded, but inactive',
    firstAfter(is('ioctl', /DM_TABLE_LOAD/), 'ioctl', /DM_DEV_SUSPEND/),
  ],
  ['W9: the device is active, but not mounted', lastOf('mount', /mnt\/a$/)],
];

for (const [title, pick] of MOUNT_WINDOWS) {
  test(title, async (t) => {
    const root = await withLayer(t);
    endAt(t, root, MOUNT, pick, { undo: [['unmount', 'a']] });
    await assertRight(t, root, ['a']);
  });
}

const REMOVE: Steps = [['remove', 'b']];
const KEEP_BLOCKS = [...SMALL, 'dm.blkdiscard=false'];
const REMOVE_WINDOWS: readonly (readonly [...Window, layers: readonly string[]])[] = [
  // The deletion had not begun.
  ['W10: the deletion is recorded, the message not sent', messageFromEnd(2), ['a', 'b']],
  ['W10: the thin device is deleted, its record remains', lastOf('unlink', /metadata\/b$/), ['a']],
  ['W10: the record is removed, the transaction id not set', messageFromEnd(1), ['a']],
];

for (const [title, pick, layers] of REMOVE_WINDOWS) {
  test(title, async (t) => {
    const root = await withLayer(t);
    const storage = await openStorage(t, root);
    await storage.create('b', { parent: 'a' });
    await storage.close();
    endAt(t, root, REMOVE, pick, { undo: CREATE, options: KEEP_BLOCKS });
    await assertRight(t, root, layers);
  });
}

test('the filesystem of a new layer is growing when the process dies', async (t) => {
  const root = await withLayer(t);
  const larger: Steps = [['create', 'b', { parent: 'a', size: 96 * 1024 * 1024 }]];
  endAt(t, root, larger, (calls) => calls.find(is('execve', /resize2fs/)), { undo: UNDO });
  const { before, after } = await repairStorage({ root, storageOptions: SMALL });
  t.true(before.findings.some(({ code }) => code === 'growth-interrupted'));
  t.deepEqual(after.findings, []);
  const { metadata } = await layoutOf(root);
  t.false(existsSync(join(metadata, 'b')), 'b is deleted');
  await assertRight(t, root, ['a']);
});

test('W11: a deferred removal is pending when the process dies', async (t) => {
  const root = await withLayer(t);
  const storage = await openStorage(t, root);
  await storage.create('b', { parent: 'a' });
  const worker = await workIn(t, await storage.mount('b'));
  await storage.close();
  // The process ends without closing anything.
  listCalls({
    root,
    steps: [
      ['unmount', 'b'],
      ['remove', 'b'],
    ],
    options: SMALL,
  });
  const again = await openStorage(t, root);
  t.true(again.exists('b'));
  await t.throwsAsync(again.create('b', { parent: 'a' }), { code: 'ERR_LAYER_DELETED' });
  await again.create('d', { parent: 'a' });
  await again.remove('d');
  await worker.release();
  for (let tries = 0; again.exists('b') && tries < 50; tries++) await again.deletePending();
  t.false(again.exists('b'));
  await again.shutdown();
  await assertRight(t, root, ['a']);
});

const LARGER = SMALL.map((option) => option.replace('loopdatasize=512M', 'loopdatasize=600M'));

test('W12: the pool has an inactive table', async (t) => {
  const root = await withLayer(t);
  await (await openStorage(t, root)).shutdown();
  const copy = storageRoot(t);
  execFileSync('cp', ['--archive', '--sparse=always', root, copy]);
  const { calls } = listCalls({ root: copy, steps: [['shutdown']], options: LARGER });
  // The first table is the pool's as recorded, the second the larger one.
  const [, larger] = calls.filter(is('ioctl', /DM_TABLE_LOAD/));
  const swap = calls.slice(calls.indexOf(larger!)).find(is('ioctl', /DM_DEV_SUSPEND/));
  killAtCall(t, { root, steps: [], options: LARGER }, swap!, copy);
  const { prefix } = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  t.true((await dm.info(`${prefix}-pool`)).inactive, 'a table is inactive');
  const storage = await DevicemapperStorage.open({ root, storageOptions: LARGER });
  const { inactive, suspended } = await dm.info(`${prefix}-pool`);
  t.deepEqual({ inactive, suspended }, { inactive: false, suspended: false });
  t.is((await storage.status()).data.total, 600n * 1024n * 1024n);
  await storage.shutdown();
  t.deepEqual(await checkInvariants(t, root, LARGER), ['a']);
});

test('W13: the files are older than the pool', async (t) => {
  const root = await withLayer(t);
  const file = join(root, 'metadata/transaction-metadata');
  const old = readFileSync(file);
  const storage = await openStorage(t, root);
  await storage.create('b', { parent: 'a' });
  await storage.shutdown();
  writeFileSync(file, old);
  const refusal = await t.throwsAsync(openStorage(t, root), { code: 'ERR_STORAGE_POOL' });
  t.regex(refusal!.message, /transaction id is 3, but the recorded one is 2/);
  const accepted = await openStorage(t, root, [], { acceptPool: true });
  t.deepEqual(
    accepted.layers().map(({ id }) => id),
    ['a', 'b'],
  );
  await accepted.shutdown();
  await assertRight(t, root, ['a', 'b']);
});

/** Replace the files of one storage's pool with those of another. */
function copyPool(from: string, to: string): void {
  for (const name of ['data', 'metadata']) {
    const [source, target] = [from, to].map((root) => join(root, 'devicemapper', name));
    execFileSync('cp', ['--sparse=always', source!, target!]);
  }
}

test('W13: the pool of another storage, which looks as if a layer had just been created', async (t) => {
  const [root, other] = [await withLayer(t), await withLayer(t)];
  const strange = await openStorage(t, other);
  await strange.create('c', { parent: 'a' });
  const { transactionId } = await strange.status();
  const { DeviceId } = strange.metadata('c');
  await strange.shutdown();
  await (await openStorage(t, root)).shutdown();
  copyPool(other, root);
  const pending = { openId: transactionId + 1n, hash: 'new', deviceId: Number(DeviceId) };
  writeFileSync(join(root, 'metadata/transaction-metadata'), transactionKind.print(pending));
  await t.throwsAsync(openStorage(t, root), { code: 'ERR_STORAGE_BASE' });
  copyPool(root, other);
  await assertRight(t, other, ['a', 'c']);
});

const TORN: readonly (readonly [what: string, text: string])[] = [
  ['empty', ''],
  ['half', '{"device_id":2,"size":6710'],
  ['NUL', '\0'.repeat(90)],
  ['another', '{"open_transaction_id":2}'],
];

for (const [what, text] of TORN) {
  test(`W14: a record that is ${what}`, async (t) => {
    const root = await withLayer(t);
    await (await openStorage(t, root)).shutdown();
    for (const name of ['a', 'base', 'deviceset-metadata', 'transaction-metadata']) {
      const path = join(root, 'metadata', name);
      const good = readFileSync(path);
      writeFileSync(path, name === 'transaction-metadata' && what === 'another' ? '{}' : text);
      const before = readdirSync(join(root, 'metadata')).toSorted();
      const refusal = await t.throwsAsync(openStorage(t, root), { code: 'ERR_STORAGE_RECORD' });
      t.true(refusal!.message.includes(path), refusal!.message);
      t.deepEqual(readdirSync(join(root, 'metadata')).toSorted(), before);
      writeFileSync(path, good);
    }
    await assertRight(t, root, ['a']);
  });
}

const BASE_WINDOWS: readonly (readonly [
  title: string,
  (calls: readonly CountedCall[]) => CountedCall | undefined,
])[] = [
  [
    'W15: the base device has no filesystem yet',
    (calls) => calls.find(is('rename', /deviceset-metadata/)),
  ],
  [
    'W15: the base device is not marked as ready',
    (calls) => calls.filter(is('rename', /metadata\/base$/)).at(-1),
  ],
];

/** What runs before the window, such as mkfs, takes one or two calls more or less: about every fourth run reaches it. */
const FIRST_OPEN_TRIES = 20;

/** A new directory, whose first open is killed at the entry of the call that `pick` selects. */
function firstOpenKilled(
  t: ExecutionContext,
  pick: (calls: readonly CountedCall[]) => CountedCall | undefined,
): string {
  for (let tries = 1; ; tries++) {
    const [first, root] = [storageRoot(t), storageRoot(t)];
    const { calls } = listCalls({ root: first, steps: [['shutdown']], options: SMALL });
    const wanted = pick(calls)!;
    const program = { root, steps: [], options: SMALL };
    const { call: reached, printed } = killAt(program, { side: 'entry', number: wanted.number });
    t.log(reached?.text);
    const isReached = reached && shapeOf(reached, root) === shapeOf(wanted, first);
    if (!isReached && tries < FIRST_OPEN_TRIES) continue;
    t.true(isReached, `expected ${wanted.text}`);
    t.deepEqual(printed, []);
    return root;
  }
}

for (const [title, pick] of BASE_WINDOWS) {
  test(title, async (t) => {
    const root = firstOpenKilled(t, pick);
    const storage = await openStorage(t, root);
    await storage.create('a');
    writeFileSync(join(await storage.mount('a'), 'file'), CONTENT);
    await storage.shutdown();
    await assertRight(t, root, ['a']);
  });
}

test('W16: a layer is being discarded before it is deleted', async (t) => {
  const root = await withLayer(t);
  const storage = await openStorage(t, root);
  await storage.create('b', { parent: 'a' });
  await storage.close();
  endAt(t, root, REMOVE, lastOf('ioctl', /BLKDISCARD/), { undo: CREATE });
  const record = readFileSync(join(root, 'metadata/b'), 'utf8');
  t.regex(record, /"deleted":true/, 'the record says "deleted" before the device has holes');
  await assertRight(t, root, ['a']);
});

test('W17: the file of the pool has grown, the pool has not', async (t) => {
  const root = await withLayer(t);
  await (await openStorage(t, root)).shutdown();
  const data = join(root, 'devicemapper/data');
  execFileSync('truncate', ['--size', '600M', data]);
  const storage = await DevicemapperStorage.open({ root, storageOptions: LARGER });
  t.is((await storage.status()).data.total, 600n * 1024n * 1024n);
  t.is(statSync(data).size, 600 * 1024 * 1024);
  await storage.shutdown();
  t.deepEqual(await checkInvariants(t, root, LARGER), ['a']);
});

test('nothing is left', assertNothingLeft);
