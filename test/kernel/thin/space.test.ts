// Pools that fill up and grow; the test names are those of the dm-thin suites.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { linear, thinPool } from '../../../src/dm/targets/index.ts';
import type { DeviceInfo } from '../../../src/index.ts';
import { discardThin, type Extension, type ThinPool } from '../../../src/thin/index.ts';
import { writeInBackground } from '../../support/kernel/device-io.ts';
import {
  MiB,
  openDm,
  output,
  scratchDevice,
  scratchDirectory,
  scratchLoop,
} from '../../support/kernel/scratch.ts';
import {
  BLOCK,
  fill,
  letters,
  type TestPool,
  THIN,
  testPool,
  testThin,
  used,
  working,
} from '../../support/kernel/thin.ts';

const BLOCK_BYTES = BLOCK * 512;
/** Bytes of a pool that a few writes fill. */
const SMALL = BigInt(8 * BLOCK_BYTES);
const QUEUE_TIMEOUT = '/sys/module/dm_thin_pool/parameters/no_space_timeout';

/** Write a block from another process. @returns its exit status */
async function write(device: DeviceInfo, block: number): Promise<number> {
  const args = ['if=/dev/zero', `of=${device.path}`, 'bs=64k', 'count=1', `seek=${block}`];
  const [status] = await once(spawn('dd', [...args, 'oflag=direct'], { stdio: 'ignore' }), 'close');
  return status as number;
}

/** Wait until the pool reports that it is out of space. */
async function untilFull(pool: ThinPool): Promise<void> {
  while ((await pool.health()).state !== 'out-of-data') await sleep(20);
}

/** A pool of eight blocks, all written. */
async function fullPool(
  t: ExecutionContext,
  options: Parameters<typeof testPool>[2] = {},
): Promise<
  TestPool & { readonly thin: DeviceInfo; readonly dm: Awaited<ReturnType<typeof openDm>> }
> {
  const dm = await openDm(t);
  const test = await testPool(t, dm, { dataSize: SMALL, ...options });
  const thin = await testThin(test.pool);
  fill(thin, 'x', 0, 8);
  return { ...test, thin, dm };
}

const ERROR_IF_NO_SPACE = { features: ['error_if_no_space'] } as const;

test('out_of_data_space/filling_pool_returns_enospc', async (t) => {
  const { pool, thin } = await fullPool(t, ERROR_IF_NO_SPACE);
  t.is(await write(thin, 8), 1);
  t.is((await pool.health()).state, 'out-of-data');
  t.is(letters(thin, 0, 8), 'xxxxxxxx');
});

test('out_of_data_space/filling_thin_device_returns_enospc', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const thin = await testThin(pool, 0, 8 * BLOCK);
  fill(thin, 'x', 0, 8);
  t.is(await write(thin, 8), 1, 'beyond the end of the device');
  t.is((await pool.health()).state, 'ok');
});

test('deletion/delete-after-out-of-space', async (t) => {
  const { pool, thin } = await fullPool(t, ERROR_IF_NO_SPACE);
  t.is(await write(thin, 8), 1);
  t.is((await working(pool)).mode, 'out_of_data_space');
  await t.throwsAsync(pool.createSnap(1, 0), { code: 'ERR_POOL_FULL' });
  await pool.deactivateThin(0);
  await pool.deleteThin(0);
  t.like(await working(pool), { mode: 'rw', data: { used: 0n, total: 8n } });
});

test('discard/after_out_of_space', async (t) => {
  const { pool, thin } = await fullPool(t, ERROR_IF_NO_SPACE);
  t.is(await write(thin, 8), 1);
  await discardThin(thin.path);
  // The pool re-evaluates its mode at its next commit; it commits once a second.
  const deadline = Date.now() + 10_000;
  while ((await working(pool)).mode !== 'rw' && Date.now() < deadline) await sleep(50);
  t.like(await working(pool), { mode: 'rw', data: { used: 0n, total: 8n } });
});

test('pool_resize/resize_after_OODS_error_immediately', async (t) => {
  const { pool, thin } = await fullPool(t, ERROR_IF_NO_SPACE);
  t.is(await write(thin, 8), 1);
  await pool.growData(2n * SMALL);
  t.is(await write(thin, 8), 0);
  t.is((await working(pool)).mode, 'rw');
});

test('pool_resize/resize_after_OODS_held_io', async (t) => {
  const { pool, thin } = await fullPool(t);
  const writer = writeInBackground(t, thin.path, 8);
  await untilFull(pool);
  t.false(writer.done(), 'the write waits');
  await pool.growData(2n * SMALL);
  t.is(await writer.status, 0);
  t.is((await working(pool)).mode, 'rw');
});

test('pool_resize/resize_after_OODS_held_io_preload', async (t) => {
  const { dm, pool, thin, data } = await fullPool(t);
  const writer = writeInBackground(t, thin.path, 8);
  await untilFull(pool);
  // The new table is loaded while the pool is full, and resumed later.
  const { params } = await pool.table();
  output('truncate', '-s', String(2n * SMALL), data);
  output('losetup', '-c', output('losetup', '-j', data).split(':')[0]!);
  await dm.load(pool.name, [thinPool({ ...params, length: (2n * SMALL) / 512n })]);
  t.false(writer.done());
  await dm.resume(pool.name, { noFlush: true });
  t.is(await writer.status, 0);
});

test('pool_resize/OODS_times_out, and resize_after_OODS_timed_out_preload', async (t) => {
  const { pool, thin } = await fullPool(t);
  const before = readFileSync(QUEUE_TIMEOUT, 'utf8');
  writeFileSync(QUEUE_TIMEOUT, '2');
  t.teardown(() => writeFileSync(QUEUE_TIMEOUT, before));
  t.is(await write(thin, 8), 1, 'the write fails after the time limit');
  const status = await working(pool);
  t.like(status, { mode: 'out_of_data_space', needsCheck: false });
  await pool.growData(2n * SMALL);
  t.is(await write(thin, 8), 0);
  t.like(await working(pool), { mode: 'rw', needsCheck: false, noSpace: 'queue_if_no_space' });
});

test('pool_resize/resize_after_OODS_io_to_provisioned_region', async (t) => {
  const { pool, thin } = await fullPool(t);
  const writer = writeInBackground(t, thin.path, 8);
  await untilFull(pool);
  fill(thin, 'y', 2);
  t.is(letters(thin, 0, 4), 'xxyx', 'provisioned blocks remain readable');
  await pool.growData(2n * SMALL);
  t.is(await writer.status, 0);
});

test('pool_resize/resize_after_OODS_ext4', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: BigInt(16 * MiB) });
  const thin = await testThin(pool, 0, (64 * MiB) / 512);
  output('mkfs.ext4', '-q', '-E', 'nodiscard', thin.path);
  const directory = scratchDirectory(t);
  output('mount', thin.path, directory);
  t.teardown(() => output('umount', directory));
  const copy = spawn(
    'sh',
    ['-c', `dd if=/dev/urandom of=${directory}/f bs=1M count=24 conv=fsync`],
    {
      stdio: 'ignore',
    },
  );
  const copied = once(copy, 'close');
  await untilFull(pool);
  await pool.growData(BigInt(64 * MiB));
  t.deepEqual(await copied, [0, null]);
  t.is(statSync(`${directory}/f`).size, 24 * MiB);
});

test('pool_resize/resize: in steps', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: SMALL });
  const thin = await testThin(pool);
  for (let step = 1n; step <= 7n; step++) {
    fill(thin, 'x', Number(step) * 8 - 8, 8);
    await pool.growData(SMALL * (step + 1n));
    t.like(await working(pool), { mode: 'rw', data: { used: step * 8n, total: step * 8n + 8n } });
  }
});

test('pool_resize/resize_io: with a continuous writer', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { dataSize: SMALL });
  const thin = await testThin(pool);
  const args = [
    'if=/dev/zero',
    `of=${thin.path}`,
    'bs=64k',
    `count=${THIN / BLOCK}`,
    'oflag=direct',
  ];
  const written = once(spawn('dd', args, { stdio: 'ignore' }), 'close');
  for (let step = 2n; step <= 8n; step++) {
    await sleep(50);
    await pool.growData(SMALL * step);
  }
  t.deepEqual(await written, [0, null]);
  t.like(await working(pool), { mode: 'rw', data: { used: 64n, total: 64n } });
});

test('pool_resize/reload_no_io', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  fill(await testThin(pool), 'x');
  await pool.growData(BigInt(64 * MiB));
  t.like(await working(pool), { mode: 'rw', data: { used: 1n, total: 1024n } });
});

test('pool_resize/data_cannot_be_smaller_than_pool: a shrink is rejected, and I/O continues', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const thin = await testThin(pool);
  const before = await pool.table();
  await t.throwsAsync(pool.growData(SMALL), {
    code: 'ERR_POOL_SIZE',
    message: `thin pool '${pool.name}': cannot shrink its data from 67108864 to ${SMALL} bytes`,
  });
  fill(thin, 'x');
  t.is(letters(thin), 'x');
  t.deepEqual(await pool.table(), before);
});

/** A pool on given devices, not on files. */
async function onDevices(t: ExecutionContext, dataBytes: number) {
  const dm = await openDm(t);
  const disk = await scratchLoop(t, 64 * MiB);
  const table = (length: number) => [linear({ length, device: disk })];
  const data = await scratchDevice(t, dm, { table: table(dataBytes / 512) });
  const metadata = await scratchLoop(t, 4 * MiB);
  const { pool } = await testPool(t, dm, { data: data.path, metadata });
  const grow = (bytes: number) => dm.reload(data.name, table(bytes / 512));
  return { dm, pool, grow };
}

test('pool_resize/growth beyond the device is rejected, and I/O continues', async (t) => {
  const { pool } = await onDevices(t, 8 * MiB);
  const thin = await testThin(pool);
  await t.throwsAsync(pool.growData(BigInt(16 * MiB)), {
    code: 'ERR_POOL_SIZE',
    message:
      /its data device \/dev\/dm-\d+ is too small: expected at least 16777216 bytes, got 8388608. Grow that device first/,
  });
  fill(thin, 'x');
  t.is(letters(thin), 'x');
  t.false((await pool.table()).info.suspended);
});

test('pool_resize/extra_data_space_is_not_used until the pool grows', async (t) => {
  const { pool, grow } = await onDevices(t, 8 * MiB);
  await grow(32 * MiB);
  t.is((await working(pool)).data.total, 128n);
  await pool.growData(BigInt(8 * MiB));
  t.is((await working(pool)).data.total, 128n);
  await pool.growData(BigInt(32 * MiB));
  t.is((await working(pool)).data.total, 512n);
});

test('pool_resize/growth on a device that is not a loop device does not touch the file below', async (t) => {
  const dm = await openDm(t);
  const { pool, data } = await testPool(t, dm, { dataSize: SMALL });
  await pool.growData(SMALL * 4n);
  t.is(BigInt(statSync(data).size), SMALL * 4n);
  t.true(BigInt(statSync(data).blocks) * 512n < SMALL, 'the file is sparse');
});

test('a full pool extends itself before its writers fail', async (t) => {
  const { pool, thin } = await fullPool(t);
  const stop = new AbortController();
  const rule = { thresholdPercent: 50, step: SMALL, ceiling: SMALL * 4n };
  const seen: Extension[] = [];
  const extending = (async () => {
    const extensions = pool.autoExtend({ data: rule, signal: stop.signal });
    for await (const extension of extensions) seen.push(extension);
  })();
  const start = performance.now();
  t.is(await write(thin, 8), 0);
  const took = performance.now() - start;
  t.log(`a write to a full pool completed after ${took.toFixed(0)} ms`);
  t.true(took < 2000, `${took} ms`);
  while (seen.length === 0) await sleep(20);
  t.is(seen[0]?.type, 'extended');
  t.is((await working(pool)).mode, 'rw');
  stop.abort(new Error('enough'));
  await t.throwsAsync(extending, { message: 'enough' });
});

test('an extension completes queued writes without an error', async (t) => {
  const { pool, thin } = await fullPool(t);
  const writers = [8, 9, 10].map((block) => writeInBackground(t, thin.path, block));
  await untilFull(pool);
  t.deepEqual(
    writers.map((writer) => writer.done()),
    [false, false, false],
  );
  const stop = new AbortController();
  const start = performance.now();
  const rule = { step: SMALL, ceiling: SMALL * 4n };
  const extensions = pool.autoExtend({ data: rule, signal: stop.signal });
  const { value } = await extensions.next();
  t.is(value?.type, 'extended');
  t.deepEqual(await Promise.all(writers.map(({ status }) => status)), [0, 0, 0]);
  const took = performance.now() - start;
  t.log(`three queued writes completed ${took.toFixed(0)} ms after the start`);
  t.true(took < 2000, `${took} ms`);
  await extensions.return();
});

test('without space to extend, the pool reports it, no call blocks, and deletes work', async (t) => {
  const { pool, thin } = await fullPool(t, {});
  await pool.createThin(7);
  const writer = writeInBackground(t, thin.path, 8);
  await untilFull(pool);
  const extensions = pool.autoExtend({ data: { step: SMALL, ceiling: SMALL } });
  const { value } = await extensions.next();
  t.like(value, { type: 'refused', what: 'data', reason: { code: 'ERR_POOL_SIZE' } });
  await extensions.return();
  const health = await pool.health();
  t.is(health.state, 'out-of-data');
  t.regex(health.advice ?? '', /^Grow its data device/);
  const start = performance.now();
  await t.throwsAsync(pool.createSnap(8, 0), {
    code: 'ERR_POOL_FULL',
    message: /Grow its data device/,
  });
  await pool.deleteThin(7);
  t.true(performance.now() - start < 2000);
  t.false((await dmInfo(t, pool)).suspended);
  await pool.growData(2n * SMALL);
  t.is(await writer.status, 0);
});

async function dmInfo(t: ExecutionContext, pool: ThinPool) {
  return (await openDm(t)).info(pool.name);
}

test('a discard before a delete frees the space of the backing file', async (t) => {
  const dm = await openDm(t);
  const { pool, data } = await testPool(t, dm, { dataSize: BigInt(512 * MiB) });
  const allocated = () => statSync(data).blocks * 512;
  const before = allocated();
  const thin = await testThin(pool, 0, (256 * MiB) / 512);
  const args = ['if=/dev/urandom', `of=${thin.path}`, 'bs=1M', 'count=200', 'oflag=direct'];
  const [status] = await once(spawn('dd', args, { stdio: 'ignore' }), 'close');
  t.is(status, 0);
  t.true(allocated() - before >= 200 * MiB);
  const progress: bigint[] = [];
  const options = { slice: BigInt(64 * MiB), onProgress: (done: bigint) => progress.push(done) };
  await discardThin(thin.path, options);
  t.deepEqual(
    progress,
    [64n, 128n, 192n, 256n].map((n) => n * BigInt(MiB)),
  );
  await pool.deactivateThin(0);
  await pool.deleteThin(0);
  t.is(await used(pool), 0n);
  t.log(`before ${before}, after ${allocated()} bytes`);
  t.true(allocated() - before <= 2 * MiB);
});
