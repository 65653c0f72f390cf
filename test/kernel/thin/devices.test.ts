// Thin devices in use: their holders, the cost of one more, and other devices in their place.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { linear, thin } from '../../../src/dm/targets/index.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import {
  MiB,
  openDm,
  output,
  scratchDevice,
  scratchDirectory,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import {
  BLOCK,
  fill,
  letters,
  THIN,
  testPool,
  testThin,
  used,
  working,
} from '../../support/kernel/thin.ts';

const TIMEOUT = 400;

/** A process that runs until the test ends. */
function background(t: ExecutionContext, program: string, ...args: string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  return child;
}

test('a busy device: the error names an open descriptor after the time limit', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const device = await testThin(pool);
  const fd = openSync(device.path, 'r');
  await t.throwsAsync(pool.deactivateThin(0), { code: 'ERR_THIN_BUSY' });
  const start = performance.now();
  await t.throwsAsync(pool.deactivateThin(0, { timeoutMs: TIMEOUT }), {
    code: 'ERR_THIN_BUSY',
    message: new RegExp(
      `thin id 0: its device '${device.name}' is in use after ${TIMEOUT} ms\\. It is open in pid ${process.pid} \\(node\\) as descriptor ${fd}`,
    ),
  });
  const took = performance.now() - start;
  t.log(`time limit ${TIMEOUT} ms, took ${took.toFixed(0)} ms`);
  t.true(took >= TIMEOUT, `${took} ms`);
  closeSync(fd);
  t.deepEqual(await pool.deactivateThin(0), { deferred: false });
});

test('a busy device: the error names the stacked device', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const device = await testThin(pool);
  const above = uniqueName('above');
  await scratchDevice(t, dm, { table: [linear({ length: 8, device: device.path })] }, above);
  await t.throwsAsync(pool.deactivateThin(0), {
    code: 'ERR_THIN_BUSY',
    message: new RegExp(`It is below device ${above} \\(dm-\\d+\\)`),
  });
  await t.throwsAsync(pool.deactivate(), {
    code: 'ERR_POOL_BUSY',
    message: new RegExp(`It is below device ${device.name}`),
  });
  await dm.remove(above);
});

test('a busy device: the error names a mount in another mount namespace', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const device = await testThin(pool, 0, 256 * BLOCK);
  output('mkfs.ext4', '-q', device.path);
  const directory = scratchDirectory(t);
  const command = `mount ${device.path} ${directory} && echo mounted && exec sleep 60`;
  const child = background(
    t,
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    command,
  );
  const ended = once(child, 'close').then(([status]) => `ended with status ${status}`);
  const said = once(child.stdout!, 'data').then(([text]) => String(text));
  t.is(await Promise.race([said, ended]), 'mounted\n');
  await t.throwsAsync(pool.deactivateThin(0), {
    code: 'ERR_THIN_BUSY',
    message: new RegExp(
      `It is mounted on ${directory} by pid ${child.pid} \\(sleep\\), in another mount namespace`,
    ),
  });
  t.deepEqual(await pool.deactivateThin(0, { deferred: true }), { deferred: true });
  child.kill('SIGKILL');
  while (await dm.exists({ dev: device.dev })) await sleep(20);
  t.deepEqual(await pool.activeThins(), []);
  // Without udevd no process learns of the deferred removal, so the node remains until makeNodes().
  await dm.makeNodes();
});

test('a foreign device that reuses the minor number of a thin device is not mistaken for it', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  for (const id of [0, 1]) await pool.createThin(id);
  const ours = await pool.activateThin(0, { length: THIN });
  // The pool knows its device number now; outside the pool, another device takes the number.
  await t.throwsAsync(pool.activateThin(0, { length: THIN }), { code: 'ERR_THIN_ACTIVE' });
  await dm.remove(ours.name);
  const foreign = uniqueName('foreign');
  const table = [thin({ length: THIN, pool: pool.path, id: 1 })];
  await scratchDevice(t, dm, { table, minor: ours.minor }, foreign);
  await t.throwsAsync(pool.activateThin(1, { length: THIN }), {
    code: 'ERR_THIN_ACTIVE',
    message: new RegExp(`it is active as '${foreign}'`),
  });
});

test('an id that another program has activated is not activated again', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await pool.createThin(0);
  const foreign = uniqueName('foreign');
  await scratchDevice(t, dm, { table: [thin({ length: THIN, pool: pool.path, id: 0 })] }, foreign);
  await t.throwsAsync(pool.activateThin(0, { length: THIN }), {
    code: 'ERR_THIN_ACTIVE',
    message: new RegExp(`thin id 0: it is active as '${foreign}'`),
  });
  t.deepEqual(
    (await pool.activeThins()).map(({ id, info }) => [id, info.name]),
    [[0, foreign]],
  );
  await pool.createSnap(1, 0);
  t.false((await dm.info(foreign)).suspended, 'a foreign origin is resumed too');
  await pool.deactivateThin(0);
  t.deepEqual(await pool.activeThins(), []);
});

test('a swapped metadata device: growing fails, and the pool keeps its old table', async (t) => {
  const dm = await openDm(t);
  const [disk, other] = [await scratchLoop(t, 4 * MiB), await scratchLoop(t, 4 * MiB)];
  const table = (device: string) => [linear({ length: (4 * MiB) / 512, device })];
  const metadata = await scratchDevice(t, dm, { table: table(disk) });
  const { pool } = await testPool(t, dm, { metadata: metadata.path });
  const device = await testThin(pool);
  fill(device, 'x');
  await pool.setTransactionId(0n, 1n);
  const before = await pool.table();
  await dm.reload(metadata.name, table(other), { noFlush: true });
  await t.throwsAsync(pool.growData(BigInt(128 * MiB)), {
    code: 'ERR_POOL_METADATA',
    message: /no longer holds this pool's metadata/,
  });
  t.is(letters(device), 'x');
  t.deepEqual(await pool.table(), before);
  await dm.reload(metadata.name, table(disk), { noFlush: true });
  await pool.growData(BigInt(128 * MiB));
  t.is((await working(pool)).data.total, 2048n);
});

test('opening an owned pool repairs a reload that a dead process left incomplete', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const device = await testThin(pool);
  const { targets } = await dm.table(pool.name);
  await dm.load(pool.name, targets);
  await dm.suspend(pool.name, { noFlush: true });
  const again = await ThinPool.open(dm, pool.name, { owned: true });
  t.like(await dm.info(pool.name), { suspended: false, inactive: false });
  fill(device, 'x');
  t.is(await used(again), 1n);
});

/** The thin id of the additional device. */
const MORE = 5000;

/** The system calls of one process by name, counted by strace, without those that only wait. */
function callsOf(t: ExecutionContext, pool: string, id: number): ReadonlyMap<string, number> {
  const trace = `${scratchDirectory(t)}/trace`;
  const script = new URL('../../fixtures/one-thin.js', import.meta.url).pathname;
  const calls = 'trace=ioctl,openat,read,getdents64,readlink,statx,fsync';
  execFileSync('strace', ['-f', '-e', calls, '-o', trace, process.execPath, script, pool, `${id}`]);
  const counts = new Map<string, number>();
  for (const [, name = ''] of readFileSync(trace, 'utf8').matchAll(/^\d+ +(\w+)\(/gm))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

test('one additional thin device takes the same ioctls with a thousand devices as with ten', async (t) => {
  const dm = await openDm(t);
  const metadataSize = BigInt(16 * MiB);
  const [few, many] = [
    (await testPool(t, dm)).pool,
    (await testPool(t, dm, { metadataSize })).pool,
  ];
  for (let id = 0; id < 10; id++) await testThin(few, id);
  for (let id = 0; id < 1000; id++) await testThin(many, id);
  const [withFew, withMany] = [few, many].map(({ name }) => callsOf(t, name, MORE));
  t.log(
    'calls with ten',
    Object.fromEntries(withFew!),
    'with a thousand',
    Object.fromEntries(withMany!),
  );
  // Opening the pool reads sysfs once for each active device: openat, read and statx grow with their number.
  t.is(withMany!.get('ioctl'), withFew!.get('ioctl'));
});
