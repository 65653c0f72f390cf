// Every command of the control node on a real kernel, through the public API of the library.

import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { error, linear, thin, thinPool, zero } from '../../../src/dm/targets/index.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import {
  type DeviceInfo,
  type DeviceMapper,
  DmError,
  DmFlag,
  formatLine,
  makeDev,
  parseDev,
  probePaths,
  type TargetInput,
} from '../../../src/index.ts';
import { syscall } from '../../../src/ioctl/libc/libc.ts';
import {
  full,
  numberOf,
  readFirstSector,
  readSectors,
  writeInBackground,
  writeSectors,
} from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  removeAfter,
  scratchDevice,
  scratchLoop,
  scratchPool,
  uniqueName,
} from '../../support/kernel/scratch.ts';

const SECTOR = 512;
const BLOCK = 128;
const [MAJOR = 0, MINOR = 0] = release().split('.').map(Number);
const linuxFrom = (major: number, minor: number): boolean =>
  MAJOR > major || (MAJOR === major && MINOR >= minor);

const ZERO: readonly TargetInput[] = [zero({ length: 2048 })];
const TWO: readonly TargetInput[] = [zero({ length: 8 }), error({ length: 8 })];

const lines = async (dm: DeviceMapper, name: string, inactive = false): Promise<unknown> =>
  (await dm.table(name, { inactive })).targets.map(formatLine);

const node = (name: string): string => `/dev/mapper/${name}`;

/** Create a thin device of `blocks` blocks in a pool. */
async function scratchThin(
  t: ExecutionContext,
  dm: DeviceMapper,
  pool: DeviceInfo,
  blocks: number,
): Promise<DeviceInfo> {
  await dm.message(pool.name, 'create_thin 0');
  const table = [thin({ length: blocks * BLOCK, pool: pool.path, id: 0 })];
  return scratchDevice(t, dm, { table }, uniqueName('thin'));
}

// ---------------------------------------------------------------- 0 VERSION

/** Interface versions of the kernels that these tests support. */
const INTERFACES: ReadonlyMap<string, number> = new Map([
  ['6.1', 47],
  ['6.12', 48],
  ['7.2', 50],
]);

test('DM_VERSION: the interface of this kernel', async (t) => {
  const dm = await openDm(t);
  const [major, minor, patch] = await dm.version();
  t.is(major, 4);
  t.is(patch, 0);
  const expected = INTERFACES.get(`${MAJOR}.${MINOR}`);
  if (expected === undefined) t.true(minor >= 41, `unknown kernel ${release()}`);
  else t.is(minor, expected);
});

// ---------------------------------------------------------------- 1 REMOVE_ALL

test('DM_REMOVE_ALL removes closed devices with their nodes; open devices remain', async (t) => {
  const dm = await openDm(t);
  const closed = await scratchDevice(t, dm, { table: ZERO });
  const open = await scratchDevice(t, dm, { table: ZERO });
  const fd = openSync(open.path, 'r');
  t.teardown(() => closeSync(fd));
  await dm.removeAll();
  t.false(await dm.exists(closed.name));
  t.false(existsSync(node(closed.name)));
  t.like(await dm.info(open.name), { openCount: 1, deferredRemove: false });
  t.true(existsSync(node(open.name)));
});

test('DM_REMOVE_ALL, deferred: an open device is removed when its last holder closes it', async (t) => {
  const dm = await openDm(t);
  const closed = await scratchDevice(t, dm, { table: ZERO });
  const open = await scratchDevice(t, dm, { table: ZERO });
  const fd = openSync(open.path, 'r');
  try {
    await dm.removeAll({ deferred: true });
    t.false(await dm.exists(closed.name));
    t.true((await dm.info(open.name)).deferredRemove);
  } finally {
    closeSync(fd);
  }
  await untilGone(dm, open.name);
  await dm.makeNodes();
  t.false(existsSync(node(open.name)));
});

/** The kernel removes a deferred device asynchronously after the last close. */
async function untilGone(dm: DeviceMapper, name: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (await dm.exists(name)) {
    if (Date.now() > deadline) throw new Error(`${name} still exists`);
    await sleep(20);
  }
}

// ---------------------------------------------------------------- 2 LIST_DEVICES

test('DM_LIST_DEVICES lists every device by name, with number, uuid and event counter', async (t) => {
  const dm = await openDm(t);
  const prefix = uniqueName('list');
  const uuid = uniqueName('uuid');
  const b = await scratchDevice(t, dm, { table: ZERO }, `${prefix}-b`);
  const a = await scratchDevice(t, dm, { uuid }, `${prefix}-a`);
  await dm.rename(b.name, `${prefix}-c`);
  removeAfter(t, `${prefix}-c`);
  const ours = (await dm.list()).filter(({ name }) => name.startsWith(prefix));
  const entry = (name: string, { dev, major, minor }: DeviceInfo): object => ({
    name,
    mangledName: name,
    uuid: undefined,
    dev,
    major,
    minor,
    path: `/dev/dm-${minor}`,
    eventNr: 0,
  });
  t.deepEqual(ours as readonly object[], [
    { ...entry(`${prefix}-a`, a), uuid },
    { ...entry(`${prefix}-c`, b), eventNr: 1 },
  ]);
});

test('DM_LIST_DEVICES is empty without devices', async (t) => {
  const dm = await openDm(t);
  await dm.removeAll();
  t.deepEqual(await dm.list(), []);
});

// ---------------------------------------------------------------- 3 DEV_CREATE

test('DM_DEV_CREATE: a device without a table exists, has no node, and serves no I/O', async (t) => {
  const dm = await openDm(t);
  const uuid = uniqueName('uuid');
  const device = await scratchDevice(t, dm, { uuid });
  t.deepEqual(device, {
    name: device.name,
    mangledName: device.name,
    uuid,
    dev: makeDev(device.major, device.minor),
    major: device.major,
    minor: device.minor,
    path: `/dev/dm-${device.minor}`,
    openCount: 0,
    eventNr: 0,
    targetCount: 0,
    suspended: false,
    readOnly: false,
    live: false,
    inactive: false,
    deferredRemove: false,
    internallySuspended: false,
    flags: device.flags,
  });
  t.false(existsSync(node(device.name)));
  t.deepEqual(await dm.info({ uuid }), await dm.info(device.name));
  t.deepEqual(await dm.info({ dev: device.dev }), await dm.info(device.name));
});

for (const minor of [200, 300, 1_048_575]) {
  test(`DM_DEV_CREATE: with minor number ${minor}`, async (t) => {
    const dm = await openDm(t);
    const device = await scratchDevice(t, dm, { minor, table: ZERO });
    t.like(device, { minor, dev: makeDev(device.major, minor), path: `/dev/dm-${minor}` });
    t.true(existsSync(device.path));
    t.is(readlinkSync(node(device.name)), `../dm-${minor}`);
    t.deepEqual((await dm.info({ dev: device.dev })).name, device.name);
  });
}

test('DM_DEV_CREATE: a device with a table runs, and its node refers to it', async (t) => {
  const dm = await openDm(t);
  const device = await scratchDevice(t, dm, { table: TWO });
  t.like(device, { live: true, inactive: false, suspended: false, targetCount: 2 });
  t.is(readlinkSync(node(device.name)), `../dm-${device.minor}`);
  t.deepEqual(readFirstSector(node(device.name)), Buffer.alloc(SECTOR));
});

// ---------------------------------------------------------------- 4 DEV_REMOVE

test('DM_DEV_REMOVE: by name, uuid or number; the node is removed too', async (t) => {
  const dm = await openDm(t);
  const uuid = uniqueName('uuid');
  for (const ref of [
    (device: DeviceInfo) => device.name,
    () => ({ uuid }),
    ({ dev }: DeviceInfo) => ({ dev }),
  ]) {
    const device = await scratchDevice(t, dm, { uuid, table: ZERO });
    t.true(existsSync(node(device.name)));
    t.deepEqual(await dm.remove(ref(device)), { deferred: false });
    t.false(await dm.exists(device.name));
    t.false(existsSync(node(device.name)));
  }
});

test('DM_DEV_REMOVE, deferred: immediately when the device is closed', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  t.deepEqual(await dm.remove(name, { deferred: true }), { deferred: false });
  t.false(await dm.exists(name));
});

test('DM_DEV_REMOVE, deferred: when the last holder closes it', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: ZERO });
  const fd = openSync(path, 'r');
  t.deepEqual(await dm.remove(name, { deferred: true }), { deferred: true });
  t.like(await dm.info(name), { deferredRemove: true, live: true, openCount: 1 });
  closeSync(fd);
  await untilGone(dm, name);
  await dm.makeNodes();
  t.false(existsSync(node(name)));
});

test('a deferred removal can be cancelled, repeatedly', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: ZERO });
  const fd = openSync(path, 'r');
  await dm.remove(name, { deferred: true });
  await dm.cancelDeferredRemove(name);
  await dm.cancelDeferredRemove(name);
  t.false((await dm.info(name)).deferredRemove);
  closeSync(fd);
  await sleep(200);
  t.true(await dm.exists(name));
});

test('remove with retryMs waits for the last holder', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: ZERO });
  const fd = openSync(path, 'r');
  setTimeout(() => closeSync(fd), 500);
  t.deepEqual(await dm.remove(name, { retryMs: 10_000 }), { deferred: false });
  t.false(await dm.exists(name));
});

test('remove with force: I/O that hangs on a suspended device fails with EIO', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: ZERO });
  await dm.suspend(name);
  const writer = writeInBackground(t, path, 0);
  await sleep(500);
  t.false(writer.done(), 'it hangs');
  await dm.remove(name, { force: true, retryMs: 10_000 });
  t.is(await writer.status, 1);
  t.false(await dm.exists(name));
});

// ---------------------------------------------------------------- 5 DEV_RENAME

test('DM_DEV_RENAME changes the name and the node', async (t) => {
  const dm = await openDm(t);
  const device = await scratchDevice(t, dm, { table: ZERO });
  const renamed = uniqueName('renamed');
  removeAfter(t, renamed);
  const info = await dm.rename({ dev: device.dev }, renamed);
  t.like(info, { name: renamed, dev: device.dev, eventNr: 1, live: true });
  t.false(await dm.exists(device.name));
  t.deepEqual(await dm.info(renamed), info);
  t.false(existsSync(node(device.name)));
  t.is(readlinkSync(node(renamed)), `../dm-${device.minor}`);
});

test('DM_DEV_RENAME: a device without a table gets no node', async (t) => {
  const dm = await openDm(t);
  const device = await scratchDevice(t, dm);
  const renamed = uniqueName('renamed');
  removeAfter(t, renamed);
  await dm.rename(device.name, renamed);
  t.false(existsSync(node(renamed)));
});

test('DM_DEV_RENAME: a uuid can be set only once', async (t) => {
  const dm = await openDm(t);
  const device = await scratchDevice(t, dm);
  const uuid = uniqueName('uuid');
  t.is(device.uuid, undefined);
  t.like(await dm.setUuid(device.name, uuid), { name: device.name, uuid });
  t.like(await dm.info({ uuid }), { name: device.name, uuid, dev: device.dev });
});

// ---------------------------------------------------------------- 6 DEV_SUSPEND

/** Options of suspend and resume, and the flags that the kernel must receive. */
const FLAGS = [
  [{}, 0],
  [{ noFlush: true }, DmFlag.NOFLUSH],
  [{ skipLockFs: true }, DmFlag.SKIP_LOCKFS],
  [{ noFlush: true, skipLockFs: true }, DmFlag.NOFLUSH | DmFlag.SKIP_LOCKFS],
] as const;

for (const [options, flags] of FLAGS) {
  test(`DM_DEV_SUSPEND: I/O waits between suspend and resume with ${JSON.stringify(options)}`, async (t) => {
    const dm = await openDm(t);
    const { name, path } = await scratchDevice(t, dm, { table: ZERO });
    const both = DmFlag.NOFLUSH | DmFlag.SKIP_LOCKFS;
    const suspended = await dm.suspend(name, options);
    t.like(suspended, { suspended: true, live: true });
    // The kernel echoes the flags that it received.
    t.is(suspended.flags & both, flags);
    t.true((await dm.info(name)).suspended);
    const writer = writeInBackground(t, path, 0);
    await sleep(500);
    t.false(writer.done());
    const resumed = await dm.resume(name, options);
    t.like(resumed, { suspended: false, live: true });
    t.is(resumed.flags & both, flags);
    t.is(await writer.status, 0);
  });

  test(`DM_DEV_SUSPEND: resume activates the inactive table with ${JSON.stringify(options)}`, async (t) => {
    const dm = await openDm(t);
    const { name } = await scratchDevice(t, dm, { table: ZERO });
    await dm.load(name, TWO);
    t.like(await dm.resume(name, options), { inactive: false, suspended: false, targetCount: 2 });
    t.deepEqual(await lines(dm, name), ['0 8 zero ', '8 8 error ']);
  });
}

// ---------------------------------------------------------------- 7 DEV_STATUS

test('DM_DEV_STATUS distinguishes the live table from the inactive one', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  await dm.load(name, [...TWO, linear({ length: 8, device: below })], { readOnly: true });
  t.like(await dm.info(name), { live: true, inactive: true, targetCount: 1, readOnly: false });
  t.like(await dm.info(name, { inactive: true }), { targetCount: 3, readOnly: true });
  t.deepEqual(await lines(dm, name), ['0 2048 zero ']);
  t.deepEqual(await lines(dm, name, true), [
    '0 8 zero ',
    '8 8 error ',
    `16 8 linear ${numberOf(below)} 0`,
  ]);
  t.deepEqual(await dm.deps(name), []);
  t.deepEqual(await dm.deps(name, { inactive: true }), [parseDev(numberOf(below))]);
  const { targets } = await dm.status(name, { inactive: true });
  t.deepEqual(
    targets.map(({ type }) => type),
    ['zero', 'error', 'linear'],
  );
});

test('DM_DEV_STATUS counts holders', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: ZERO });
  t.is((await dm.info(name)).openCount, 0);
  const fd = openSync(path, 'r');
  await scratchDevice(t, dm, { table: [linear({ length: 8, device: path })] });
  t.is((await dm.info(name)).openCount, 2);
  closeSync(fd);
  t.is((await dm.info(name)).openCount, 1);
});

// ---------------------------------------------------------------- 8 DEV_WAIT

test('DM_DEV_WAIT: a rename ends the wait', async (t) => {
  const dm = await openDm(t);
  const { name, dev } = await scratchDevice(t, dm, { table: ZERO });
  const renamed = uniqueName('renamed');
  removeAfter(t, renamed);
  let ended = false;
  const wait = dm.wait(name).finally(() => {
    ended = true;
  });
  await sleep(300);
  t.false(ended);
  await dm.rename(name, renamed);
  const { info, targets } = await wait;
  t.like(info, { name, dev, eventNr: 1 }, 'the result has the name of the request');
  t.deepEqual(targets.map(formatLine), ['0 2048 zero ']);
});

test('DM_DEV_WAIT returns at once if the counter has already moved on', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  t.is((await dm.wait(name, { eventNr: 17 })).info.eventNr, 0);
});

test('DM_DEV_WAIT: a removal ends the wait', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  const wait = dm.wait(name);
  await sleep(300);
  await dm.remove(name);
  t.like((await wait).info, { name });
});

test('DM_DEV_WAIT: a pool that reaches its low-water mark ends the wait', async (t) => {
  const dm = await openDm(t);
  const metadataDevice = await scratchLoop(t, 4 * MiB);
  const dataDevice = await scratchLoop(t, MiB);
  const length = MiB / SECTOR;
  const table = [thinPool({ length, metadataDevice, dataDevice, lowWaterMark: 14 })];
  const pool = await scratchDevice(t, dm, { table }, uniqueName('pool'));
  const device = await scratchThin(t, dm, pool, 16);
  writeSectors(device.path, 0, full('x', 8));
  t.is((await dm.info(pool.name)).eventNr, 0, 'above the mark');
  const wait = dm.wait(pool.name, { noFlush: true });
  await sleep(300);
  writeSectors(device.path, BLOCK, full('x', 8));
  writeSectors(device.path, 2 * BLOCK, full('x', 8));
  const { info, targets } = await wait;
  t.like(info, { name: pool.name, eventNr: 1 });
  t.like(thinPool.parseStatus(targets[0]!.params), { state: 'working', mode: 'rw' });
});

// ---------------------------------------------------------------- 9, 10 TABLE_LOAD, TABLE_CLEAR

test('DM_TABLE_LOAD: a first table waits for a resume', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm);
  t.like(await dm.load(name, ZERO), { live: false, inactive: true, targetCount: 0 });
  t.true(existsSync(path), 'the disk has a node');
  t.false(existsSync(node(name)), 'the name has no node');
  t.like(await dm.resume(name), { live: true, inactive: false, targetCount: 1 });
  t.true(existsSync(node(name)));
});

test('DM_TABLE_LOAD: a second load replaces the inactive table', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  await dm.load(name, [error({ length: 8 })]);
  await dm.load(name, TWO);
  t.deepEqual(await lines(dm, name, true), ['0 8 zero ', '8 8 error ']);
});

test('DM_TABLE_CLEAR removes the inactive table; the live table keeps serving', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  await dm.load(name, TWO);
  t.like(await dm.clear(name), { live: true, inactive: false });
  await dm.resume(name);
  t.deepEqual(await lines(dm, name), ['0 2048 zero ']);
});

test('a reload swaps the table below open descriptors', async (t) => {
  const dm = await openDm(t);
  const [one, other] = [await scratchLoop(t), await scratchLoop(t)];
  const table = (device: string): readonly TargetInput[] => [linear({ length: 64, device })];
  const { name, path } = await scratchDevice(t, dm, { table: table(one) });
  const fd = openSync(path, 'r');
  t.teardown(() => closeSync(fd));
  writeSectors(path, 0, full('1', 8));
  t.like(await dm.reload(name, table(other)), { live: true, inactive: false, suspended: false });
  writeSectors(path, 8, full('2', 8));
  t.deepEqual(readSectors(one, 0, 16), Buffer.concat([full('1', 8), full('\0', 8)]));
  t.deepEqual(readSectors(other, 0, 16), Buffer.concat([full('\0', 8), full('2', 8)]));
});

/** Ways to swap a table. The kernel rejects the shrinking of a pool only at the swap. */
const SWAPS: readonly (readonly [
  name: string,
  swap: (dm: DeviceMapper, name: string, table: readonly TargetInput[]) => Promise<unknown>,
])[] = [
  ['reload', (dm, name, table) => dm.reload(name, table)],
  ['reload with noFlush', (dm, name, table) => dm.reload(name, table, { noFlush: true })],
  [
    'load and resume',
    async (dm, name, table) => {
      await dm.load(name, table);
      await dm.resume(name);
    },
  ],
  [
    'load, suspend and resume',
    async (dm, name, table) => {
      await dm.load(name, table);
      await dm.suspend(name);
      await dm.resume(name);
    },
  ],
];

for (const [name, swap] of SWAPS) {
  test(`a pool that must not shrink keeps its old table after ${name}`, async (t) => {
    const dm = await openDm(t);
    const pool = await scratchPool(t, dm, { data: 8 * MiB });
    const device = await scratchThin(t, dm, pool, 16);
    writeSectors(device.path, 0, full('a', BLOCK));
    const before = await dm.table(pool.name);
    const { metadataDevice, dataDevice } = pool;
    const table = [thinPool({ length: MiB / SECTOR, metadataDevice, dataDevice })];

    const refusal = await t.throwsAsync(() => swap(dm, pool.name, table), { instanceOf: DmError });
    t.like(refusal, {
      code: 'EINVAL',
      command: 'DM_DEV_SUSPEND',
      device: pool.name,
      hint: 'The new table is discarded, and the device runs on its old table again',
    });
    t.regex((refusal as DmError).reason ?? '', /pool target \(16 blocks\) too small: expected 128/);

    const after = await dm.table(pool.name);
    t.deepEqual(after.targets, before.targets);
    t.like(after.info, { live: true, inactive: false, suspended: false });
    const writer = writeInBackground(t, device.path, 1);
    t.is(await writer.status, 0);
    t.deepEqual(
      readSectors(device.path, 0, 2 * BLOCK),
      Buffer.concat([full('a', BLOCK), full('\0', BLOCK)]),
    );
    t.false((await dm.info(device.name)).suspended);
  });
}

test('a linear device whose new table does not fit keeps its old one', async (t) => {
  const dm = await openDm(t);
  const [large, small] = [await scratchLoop(t, 8 * MiB), await scratchLoop(t, MiB)];
  const length = (8 * MiB) / SECTOR;
  const { name, path } = await scratchDevice(t, dm, {
    table: [linear({ length, device: large })],
  });
  const refusal = await t.throwsAsync(() => dm.reload(name, [linear({ length, device: small })]), {
    instanceOf: DmError,
    code: 'EINVAL',
  });
  t.like(refusal, {
    command: 'DM_DEV_SUSPEND',
    hint: 'The new table is discarded, and the device runs on its old table again',
  });
  t.regex((refusal as DmError).reason ?? '', /too small for target/);
  t.deepEqual(await lines(dm, name), [`0 ${length} linear ${numberOf(large)} 0`]);
  t.like(await dm.info(name), { live: true, inactive: false, suspended: false });
  writeSectors(path, 0, full('x', 8));
  t.deepEqual(readSectors(large, 0, 8), full('x', 8));
});

// ---------------------------------------------------------------- 11 TABLE_DEPS

test('DM_TABLE_DEPS lists each device below once', async (t) => {
  const dm = await openDm(t);
  const [a, b] = [await scratchLoop(t), await scratchLoop(t)];
  const { name } = await scratchDevice(t, dm, {
    table: [a, b, a].map((device, i) => linear({ length: 8, device, offset: i * 8 })),
  });
  const numbers = [a, b].map((path) => parseDev(numberOf(path)));
  const sorted = (devs: readonly bigint[]): readonly bigint[] =>
    [...devs].sort((x, y) => Number(x - y));
  t.deepEqual(sorted(await dm.deps(name)), sorted(numbers));
});

test('DM_TABLE_DEPS is empty without a table', async (t) => {
  const dm = await openDm(t);
  t.deepEqual(await dm.deps((await scratchDevice(t, dm)).name), []);
});

// ---------------------------------------------------------------- 12 TABLE_STATUS

test('DM_TABLE_STATUS: status and parameters of each target, with the device’s state', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  const { name, dev } = await scratchDevice(t, dm, {
    table: [...TWO, linear({ length: 8, device: below, offset: 24 })],
  });
  const status = await dm.status(name);
  t.deepEqual(status.targets, [
    { start: 0n, length: 8n, type: 'zero', params: '', record: undefined },
    { start: 8n, length: 8n, type: 'error', params: '', record: undefined },
    { start: 16n, length: 8n, type: 'linear', params: '', record: undefined },
  ]);
  t.like(status.info, { name, dev, live: true, targetCount: 3 });
  const table = await dm.table(name);
  t.deepEqual(table.targets, [
    { start: 0n, length: 8n, type: 'zero', params: '', record: {} },
    { start: 8n, length: 8n, type: 'error', params: '', record: {} },
    {
      start: 16n,
      length: 8n,
      type: 'linear',
      params: `${numberOf(below)} 24`,
      record: { device: numberOf(below), offset: 24n },
    },
  ]);
  t.like(table.info, { name, dev, live: true, targetCount: 3 });
});

test('DM_TABLE_STATUS has no targets without a table', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm);
  t.deepEqual((await dm.status(name)).targets, []);
  t.deepEqual((await dm.table(name)).targets, []);
});

test('DM_TABLE_STATUS returns a table of a thousand targets completely', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  const table = Array.from({ length: 1000 }, (_, i) =>
    linear({ length: 8, device: below, offset: i * 8 }),
  );
  const { name } = await scratchDevice(t, dm, { table });
  const expected = table.map((_, i) => `${i * 8} 8 linear ${numberOf(below)} ${i * 8}`);
  t.deepEqual(await lines(dm, name), expected);
});

test('DM_TABLE_STATUS returns the text that IMA measures', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  const { name } = await scratchDevice(t, dm, {
    table: [linear({ length: 8, device: below, offset: 24 })],
  });
  const { targets } = await dm.ima(name);
  const [major, minor, patch] = (await dm.targetVersion('linear')).version;
  t.is(
    targets[0]?.params,
    `target_name=linear,target_version=${major}.${minor}.${patch},device_name=${numberOf(below)},start=24;`,
  );
});

// ---------------------------------------------------------------- 13, 17 LIST_VERSIONS, GET_TARGET_VERSION

/** Versions of target types by kernel. */
const VERSIONS: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['6.1', { thin: '1.22.0', 'thin-pool': '1.22.0' }],
  ['6.12', { thin: '1.23.0', 'thin-pool': '1.23.0' }],
  ['7.2', { thin: '1.24.0', 'thin-pool': '1.24.0' }],
]);

test('DM_GET_TARGET_VERSION loads the module if necessary', async (t) => {
  const dm = await openDm(t);
  for (const type of ['thin', 'thin-pool']) {
    const { name, version } = await dm.targetVersion(type);
    t.is(name, type);
    const expected = VERSIONS.get(`${MAJOR}.${MINOR}`)?.[type];
    if (expected === undefined) t.true(version[1] >= 22, `unknown kernel ${release()}`);
    else t.is(version.join('.'), expected);
  }
});

test('DM_LIST_VERSIONS lists the loaded target types with their versions', async (t) => {
  const dm = await openDm(t);
  const thinPoolVersion = await dm.targetVersion('thin-pool');
  const targets = await dm.targets();
  const names = targets.map(({ name }) => name);
  t.deepEqual(new Set(names).size, names.length);
  for (const name of ['linear', 'striped', 'error', 'thin', 'thin-pool']) {
    t.true(names.includes(name), name);
  }
  t.deepEqual(
    targets.find(({ name }) => name === 'thin-pool'),
    thinPoolVersion,
  );
});

// ---------------------------------------------------------------- 14 TARGET_MSG

test('DM_TARGET_MSG: one message without an answer, and one with an answer', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  const { name, path } = await scratchDevice(t, dm, {
    table: [linear({ length: 64, device: below })],
  });
  const core = { core: true };
  t.is(await dm.message(name, '@stats_list', core), '');
  t.is(await dm.message(name, '@stats_create - /1 dmts aux', core), '0');
  t.is(await dm.message(name, '@stats_list', core), '0: 0+64 64 dmts aux\n');
  writeSectors(path, 0, full('x', 8));
  const [range, reads, , , , writes, , sectors] = (
    (await dm.message(name, '@stats_print 0', core)) ?? ''
  ).split(' ');
  t.deepEqual([range, reads, writes, sectors], ['0+64', '0', '1', '8']);
  t.is(await dm.message(name, '@stats_delete 0', core), undefined);
  t.is(await dm.message(name, '@stats_list', core), '');
});

test('DM_TARGET_MSG: an answer longer than the first buffer is complete', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  const core = { core: true };
  await dm.message(name, '@stats_create - 1', core);
  const text = (await dm.message(name, '@stats_print 0', core)) ?? '';
  const rows = text.trimEnd().split('\n');
  t.true(text.length > 16 * 1024);
  t.deepEqual(
    rows.map((row) => row.split(' ')[0]),
    Array.from({ length: 2048 }, (_, i) => `${i}+1`),
  );
});

test('DM_TARGET_MSG reaches the target at the sector', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm, { data: MiB });
  t.is(await dm.message(pool.name, 'create_thin 0', { sector: MiB / SECTOR - 1 }), undefined);
  const table = [thin({ length: BLOCK, pool: pool.path, id: 0 })];
  t.true((await scratchDevice(t, dm, { table })).live);
});

// ---------------------------------------------------------------- 15 DEV_SET_GEOMETRY

/** Read the `struct hd_geometry` of a device: <linux/hdreg.h>. */
function geometryOf(
  path: string,
): readonly [cylinders: number, heads: number, sectors: number, start: bigint] {
  const HDIO_GETGEO = 0x0301;
  const geometry = Buffer.alloc(16);
  const fd = openSync(path, 'r');
  try {
    const { errno } = syscall('ioctl', [fd, HDIO_GETGEO, geometry]);
    if (errno !== 0) throw new Error(`HDIO_GETGEO: errno ${errno}`);
  } finally {
    closeSync(fd);
  }
  const view = new DataView(geometry.buffer, geometry.byteOffset);
  return [view.getUint16(2, true), view.getUint8(0), view.getUint8(1), view.getBigUint64(8, true)];
}

test('DM_DEV_SET_GEOMETRY sets the geometry that the device reports', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: ZERO });
  await dm.setGeometry(name, { cylinders: 65535, heads: 255, sectors: 63, start: 17n });
  t.deepEqual(geometryOf(path), [65535, 255, 63, 17n]);
});

// ---------------------------------------------------------------- 16 DEV_ARM_POLL

test('DM_DEV_ARM_POLL: the control node becomes readable at the next event', async (t) => {
  const node = openControlNode({ devDir: '/dev', threads: true });
  const dm = await openDm(t, { transport: node });
  const happens = async (ms: number): Promise<boolean> => {
    const abort = new AbortController();
    // This timer keeps the event loop alive, unlike that of AbortSignal.timeout.
    const timer = setTimeout(() => abort.abort(), ms);
    const happened = await node.event(abort.signal).then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    return happened;
  };
  await dm.armPoll();
  t.false(await happens(300), 'no event yet');
  await scratchDevice(t, dm);
  t.true(await happens(5000), 'a device was created');
  t.true(await happens(5000), 'the node remains readable');
  await dm.armPoll();
  t.false(await happens(300), 'arming again clears the event');
});

// ---------------------------------------------------------------- 18 MPATH_PROBE_PATHS

const LINUX_WITH_PROBE = linuxFrom(6, 16);

/** Create a multipath device over `paths`: one priority group, round robin. */
const multipath = (paths: readonly string[], features: string = '0'): TargetInput => {
  const list = paths.map((path) => `${path} 1`).join(' ');
  const params = `${features} 0 1 1 round-robin 0 ${paths.length} 1 ${list}`;
  return { length: 2048, type: 'multipath', params };
};

test('DM_MPATH_PROBE_PATHS fails with ENOTTY on a device that is not multipath', async (t) => {
  const dm = await openDm(t);
  for (const target of [
    zero({ length: 2048 }),
    linear({ length: 2048, device: await scratchLoop(t) }),
  ]) {
    const { path } = await scratchDevice(t, dm, { table: [target] });
    const refusal = await t.throwsAsync(probePaths(path), { instanceOf: DmError });
    t.like(refusal, { code: 'ENOTTY', command: 'DM_MPATH_PROBE_PATHS', device: path });
  }
});

test(`DM_MPATH_PROBE_PATHS: ${LINUX_WITH_PROBE ? 'a multipath device probes its paths' : 'ENOTTY from a kernel before 6.16'}`, async (t) => {
  const dm = await openDm(t);
  const paths = [await scratchLoop(t), await scratchLoop(t)];
  const { name, path } = await scratchDevice(t, dm, { table: [multipath(paths)] });
  if (!LINUX_WITH_PROBE) {
    await t.throwsAsync(probePaths(path), { instanceOf: DmError, code: 'ENOTTY' });
    return;
  }
  // Paths are chosen at the first I/O, and only those are probed.
  readFirstSector(path);
  await t.notThrowsAsync(probePaths(path));
  const { targets } = await dm.status(name);
  t.regex(targets[0]!.params, / A 0 .* A 0 /, 'both paths are active');
});

if (LINUX_WITH_PROBE) {
  test('DM_MPATH_PROBE_PATHS fails with ENOTCONN when every path has failed', async (t) => {
    const dm = await openDm(t);
    // Not the zero target: its failed readahead would fail the path.
    const disk = await scratchLoop(t);
    const below = await scratchDevice(t, dm, { table: [linear({ length: 2048, device: disk })] });
    const { name, path } = await scratchDevice(t, dm, {
      table: [multipath([below.path], '2 queue_mode bio')],
    });
    readFirstSector(path);
    await probePaths(path);
    await dm.reload(below.name, [error({ length: 2048 })]);
    const status = async (): Promise<string> => (await dm.status(name)).targets[0]!.params;
    t.regex(await status(), / A 0 /, 'the failure is not detected yet');
    const refusal = await t.throwsAsync(probePaths(path), { instanceOf: DmError });
    t.like(refusal, { code: 'ENOTCONN', command: 'DM_MPATH_PROBE_PATHS', device: path });
    t.regex(await status(), / F 1 /, 'the path has failed');
  });
}

// ---------------------------------------------------------------- nodes

/** Names, and their form in the kernel. */
const NAMES: readonly (readonly [what: string, name: string, mangled: string])[] = [
  ['a blank', 'a b', 'a\\x20b'],
  ['an umlaut', 'ü', '\\xc3\\xbc'],
  ['safe punctuation', 'a#+-.:=@_z', 'a#+-.:=@_z'],
  ['quotes and a dollar', `"'$`, '\\x22\\x27\\x24'],
];

for (const [what, suffix, mangled] of NAMES) {
  test(`a name with ${what} has a node and is returned unchanged`, async (t) => {
    const dm = await openDm(t);
    const prefix = uniqueName();
    const [name, inKernel] = [`${prefix}${suffix}`, `${prefix}${mangled}`];
    const device = await scratchDevice(t, dm, { table: ZERO }, name);
    t.like(device, { name, mangledName: inKernel });
    t.is(readlinkSync(node(inKernel)), `../dm-${device.minor}`);
    t.true((await dm.list()).some((entry) => entry.name === name));
    t.like(await dm.info(inKernel), { name, dev: device.dev }, 'the mangled form finds it too');
    await dm.remove(name);
    t.false(existsSync(node(inKernel)));
  });
}

test('a name of 127 bytes has a node', async (t) => {
  const dm = await openDm(t);
  const name = uniqueName().padEnd(127, 'n');
  const device = await scratchDevice(t, dm, { table: ZERO }, name);
  t.is(readlinkSync(node(name)), `../dm-${device.minor}`);
  t.true((await dm.list()).some((entry) => entry.name === name));
});

test('makeNodes creates missing nodes, fixes wrong ones, and removes stale ones', async (t) => {
  const dm = await openDm(t);
  const [missing, wrong, right] = [
    await scratchDevice(t, dm, { table: ZERO }),
    await scratchDevice(t, dm, { table: ZERO }),
    await scratchDevice(t, dm, { table: ZERO }),
  ];
  const tableless = await scratchDevice(t, dm);
  const stale = uniqueName('stale');
  unlinkSync(node(missing.name));
  unlinkSync(node(wrong.name));
  symlinkSync(`../dm-${right.minor}`, node(wrong.name));
  symlinkSync('../dm-999', node(stale));
  symlinkSync('../dm-999', node(tableless.name));
  await dm.makeNodes();
  for (const { name, minor } of [missing, wrong, right]) {
    t.is(readlinkSync(node(name)), `../dm-${minor}`);
  }
  t.false(readdirSync('/dev/mapper').includes(stale));
  t.false(readdirSync('/dev/mapper').includes(tableless.name));
  t.true(existsSync('/dev/mapper/control'));
});

test('makeNodes does not touch files that are not device nodes', async (t) => {
  const dm = await openDm(t);
  const file = node(uniqueName('file'));
  writeFileSync(file, 'not ours');
  t.teardown(() => unlinkSync(file));
  await dm.makeNodes();
  t.true(existsSync(file));
});

test('with nodes: false, nothing is created below /dev/mapper', async (t) => {
  const dm = await openDm(t, { nodes: false });
  const device = await scratchDevice(t, dm, { table: ZERO });
  t.false(existsSync(node(device.name)));
  t.true(existsSync(device.path), 'the path works without a node');
  await dm.makeNodes();
  t.false(existsSync(node(device.name)));
});

test('without udevd: every step creates the links that udev would, and no semaphore', async (t) => {
  const dm = await openDm(t);
  const disk = await scratchLoop(t);
  for (let i = 0; i < 20; i++) {
    const name = uniqueName();
    const { dev, minor } = await scratchDevice(
      t,
      dm,
      { table: [linear({ length: 2048, device: disk })] },
      name,
    );
    t.is(readlinkSync(node(name)), `../dm-${minor}`);
    t.is(BigInt(statSync(node(name)).rdev), dev);
    const renamed = `${name}-renamed`;
    removeAfter(t, renamed);
    await dm.rename(name, renamed);
    t.is(readlinkSync(node(renamed)), `../dm-${minor}`);
    t.false(existsSync(node(name)));
    await dm.remove(renamed, { retryMs: 10_000 });
    t.false(existsSync(node(renamed)));
  }
  const [, ...semaphores] = readFileSync('/proc/sysvipc/sem', 'utf8').trim().split('\n');
  t.deepEqual(semaphores, []);
});

// ---------------------------------------------------------------- threads

test('calls without threads give the same results', async (t) => {
  const dm = await openDm(t, { threads: false });
  const { name } = await scratchDevice(t, dm, { table: ZERO });
  await dm.reload(name, TWO);
  t.true((await dm.suspend(name)).suspended);
  t.false((await dm.resume(name)).suspended);
  t.deepEqual(await lines(dm, name), ['0 8 zero ', '8 8 error ']);
  t.deepEqual(await dm.remove(name), { deferred: false });
});

test('nothing is left', assertNothingLeft);
