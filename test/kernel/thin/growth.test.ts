// Growth that the kernel rejects, aborts or skips: the pool keeps its state, and the error says so.

import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DeviceMapper } from '../../../src/index.ts';
import { growPool } from '../../../src/storage/backing/pool-setup.ts';
import { growData, growMetadata } from '../../../src/thin/backing/growth.ts';
import { type Extension, ThinPool as Pool, type ThinPool } from '../../../src/thin/index.ts';
import { metadataNeed } from '../../../src/thin/metadata/metadata-need.ts';
import { MiB, openDm, output, scratchDirectory } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';
import { fill, letters, testPool, testThin, working } from '../../support/kernel/thin.ts';

const KiB = 1024n;
const GiB = 1024n ** 3n;
const BITMAP = 16_320n;
const BLOCK_BYTES = 65_536n;

/** Create thin devices until the metadata is full. */
async function exhaust(pool: ThinPool): Promise<void> {
  for (let id = 1000; (await pool.health()).state !== 'metadata-full'; id++) {
    await pool.createThin(id).catch((error) => {
      if (error.code !== 'ERR_POOL_METADATA_FULL') throw error;
    });
  }
}

test('data beyond what the metadata can describe: rejected, and a mounted filesystem keeps working', async (t) => {
  const dm = await openDm(t);
  const { pool, data } = await testPool(t, dm);
  const thin = await testThin(pool, 0, (32 * MiB) / 512);
  output('mkfs.ext4', '-q', '-E', 'nodiscard', thin.path);
  const directory = scratchDirectory(t);
  output('mount', thin.path, directory);
  t.teardown(() => output('umount', directory));
  const [size, table] = [statSync(data).size, await pool.table()];
  await t.throwsAsync(pool.growData(1024n * GiB), {
    code: 'ERR_POOL_SIZE',
    message: /its metadata needs 1050 free blocks .* Grow the metadata to at least \d+ bytes first/,
  });
  t.is(statSync(data).size, size);
  t.deepEqual(await pool.table(), table);
  t.like(await working(pool), { mode: 'rw', needsCheck: false });
  t.notThrows(() => writeFileSync(join(directory, 'f'), 'x', { flush: true }));
});

test('a data file that was deleted or replaced does not grow, and the error names it', async (t) => {
  const dm = await openDm(t);
  const { pool, data } = await testPool(t, dm);
  const table = await pool.table();
  renameSync(data, `${data}.old`);
  writeFileSync(data, '');
  // The kernel reports the new name of a renamed file.
  await pool.growData(128n * BigInt(MiB));
  t.is(statSync(data).size, 0);
  t.is(statSync(`${data}.old`).size, 128 * MiB);
  rmSync(`${data}.old`);
  await t.throwsAsync(pool.growData(256n * BigInt(MiB)), {
    code: 'ENOENT',
    message: /stat '.*\.old'\. The file of \/dev\/loop\d+ was deleted\. Its data is lost/,
  });
  t.true((await pool.table()).length > table.length);
  t.like(await working(pool), { mode: 'rw', needsCheck: false });
});

test('the metadata size that the error names is sufficient', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const error = await t.throwsAsync(pool.growData(1024n * GiB), { code: 'ERR_POOL_SIZE' });
  const [, bytes] = /at least (\d+) bytes/.exec(error?.message ?? '') ?? [];
  await pool.growMetadata(BigInt(bytes!));
  await pool.growData(1024n * GiB);
  t.like(await working(pool), { mode: 'rw', data: { total: (1024n * GiB) / BLOCK_BYTES } });
});

for (const kib of [256n, 4096n, 65_536n]) {
  test(`the largest growth that is not rejected succeeds, with ${kib} KiB of metadata`, async (t) => {
    const dm = await openDm(t);
    const { pool } = await testPool(t, dm, { metadataSize: kib * KiB });
    const { data, metadata } = await working(pool);
    const free = metadata.total - metadata.used;
    let bitmaps = 1n;
    while (metadataNeed(data.total, (bitmaps + 1n) * BITMAP) < free) bitmaps++;
    await t.throwsAsync(pool.growData((bitmaps + 1n) * BITMAP * BLOCK_BYTES), {
      code: 'ERR_POOL_SIZE',
    });
    await pool.growData(bitmaps * BITMAP * BLOCK_BYTES);
    const after = await working(pool);
    t.like(after, { mode: 'rw', needsCheck: false, data: { total: bitmaps * BITMAP } });
    const left = after.metadata.total - after.metadata.used;
    t.log(`${bitmaps} bitmaps used ${free - left} of ${free} free blocks`);
    t.true(left > 0n);
  });
}

/** A pool with needs_check: the kernel has aborted a growth after a failed commit. */
async function needsCheck(t: ExecutionContext) {
  const dm = await openDm(t);
  const test = await testPool(t, dm, { metadataSize: 256n * KiB });
  const { pool } = test;
  const thin = await testThin(pool);
  fill(thin, 'x');
  output('sync');
  const { targets } = await dm.table(pool.name);
  output('truncate', '-s', '1T', test.data);
  output('losetup', '-c', output('losetup', '-j', test.data).split(':')[0]!);
  const length = (1024n * GiB) / 512n;
  const refusal = await t.throwsAsync(dm.reload(pool.name, [{ ...targets[0]!, length }]));
  t.like(await working(pool), { mode: 'ro', needsCheck: true });
  return { ...test, dm, thin, targets, length, refusal };
}

test('a failed resume after which the new table is live reports that it is live', async (t) => {
  const { dm, pool, length, refusal } = await needsCheck(t);
  t.is((await dm.table(pool.name)).targets[0]!.length, length);
  t.like(refusal, { code: 'ENOSPC' });
  t.regex((refusal as { hint?: string }).hint ?? '', /^The new table is live nevertheless/);
});

test('a pool with needs_check does not grow, and the error names the remedy', async (t) => {
  const { dm, pool, metadata, thin } = await needsCheck(t);
  const size = statSync(metadata).size;
  for (const grow of [() => pool.growData(512n * GiB), () => pool.growMetadata(BigInt(64 * MiB))]) {
    await t.throwsAsync(grow(), {
      code: 'ERR_POOL_NEEDS_CHECK',
      message: /cannot grow its (meta)?data: the pool is needs-check\. .*thin_check/,
    });
  }
  const extensions = pool.autoExtend({
    metadata: { thresholdPercent: 1, step: BigInt(MiB), ceiling: BigInt(64 * MiB) },
  });
  t.like((await extensions.next()).value, {
    type: 'refused',
    reason: { code: 'ERR_POOL_NEEDS_CHECK' },
  });
  await extensions.return();
  t.is(statSync(metadata).size, size);
  t.is(letters(thin), 'x');
  t.false((await dm.info(pool.name)).suspended);
});

/** A device mapper that replaces the first status, so that the growth passes its checks and reaches the kernel. */
function withWrongStatus(dm: DeviceMapper, change: (params: string) => string): DeviceMapper {
  let asked = 0;
  return new Proxy(dm, {
    get: (_, key) => {
      const value = Reflect.get(dm, key, dm);
      if (typeof value !== 'function') return value;
      if (key !== 'status' || asked++ > 0) return value.bind(dm);
      return async (...args: Parameters<DeviceMapper['status']>) => {
        const status = await dm.status(...args);
        const [line] = status.targets;
        return { ...status, targets: [{ ...line!, params: change(line!.params) }] };
      };
    },
  });
}

const withMoreMetadata = (params: string): string => params.replace(/^(\d+ \d+)\/\d+/, '$1/999999');
const asIfInOrder = (params: string): string =>
  params.replace(' ro ', ' rw ').replace('needs_check', '-');

test('a growth that the kernel aborts: the old table is live again, and the file has its old size', async (t) => {
  const dm = await openDm(t);
  const { pool, data } = await testPool(t, dm);
  const [size, table] = [statSync(data).size, await pool.table()];
  const { dev, path } = table.info;
  const handle = { dm: withWrongStatus(dm, withMoreMetadata), name: pool.name, dev, path };
  const error = await t.throwsAsync(growData(handle, 1024n * GiB), {
    code: 'ERR_POOL_NEEDS_CHECK',
    message:
      /cannot grow its data to 1099511627776 bytes: the kernel refused it with ENOSPC, and the pool is now needs-check\. Its table and its device are unchanged\. .*thin_check/,
  });
  t.like(error?.cause, { code: 'ENOSPC' });
  t.is(statSync(data).size, size);
  const { length, info } = await pool.table();
  t.deepEqual([length, info.suspended, info.inactive], [table.length, false, false]);
  t.is(
    output('blockdev', '--getsize64', output('losetup', '-j', data).split(':')[0]!).trim(),
    `${size}`,
  );
});

test('a growth that the kernel skips but reports as done is an error; the file has its old size', async (t) => {
  const { dm, pool, metadata } = await needsCheck(t);
  const size = statSync(metadata).size;
  const { dev, path } = (await pool.table()).info;
  const handle = { dm: withWrongStatus(dm, asIfInOrder), name: pool.name, dev, path };
  await t.throwsAsync(growMetadata(handle, BigInt(64 * MiB)), {
    code: 'ERR_POOL_NEEDS_CHECK',
    message:
      /cannot grow its metadata to 67108864 bytes: the kernel skipped it, and the pool is now needs-check\. Its table and its device are unchanged/,
  });
  t.is(statSync(metadata).size, size);
});

test('a pool that was activated read-only does not grow', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm);
  await pool.deactivate();
  const readOnly = await Pool.activate(dm, pool.name, { metadata, data, features: ['read_only'] });
  for (const grow of [
    () => readOnly.growData(GiB),
    () => readOnly.growMetadata(BigInt(64 * MiB)),
  ]) {
    await t.throwsAsync(grow(), { code: 'ERR_POOL_READ_ONLY' });
  }
  t.like(await working(readOnly), { mode: 'ro', needsCheck: false, data: { total: 1024n } });
  t.deepEqual([statSync(data).size, statSync(metadata).size], [64 * MiB, 4 * MiB]);
});

test('full metadata: the remedy grows the metadata before the data', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { metadataSize: 256n * KiB });
  await exhaust(pool);
  const sizes = {
    dataDevice: undefined,
    loopDataSize: 64n * GiB,
    loopMetadataSize: BigInt(64 * MiB),
  };
  const notices: string[] = [];
  const notice = (text: string): void => void notices.push(text);
  await growPool(pool, sizes, notice);
  t.deepEqual(notices, []);
  t.like(await working(pool), {
    mode: 'rw',
    needsCheck: false,
    data: { total: (64n * GiB) / BLOCK_BYTES },
  });
  t.is((await working(pool)).metadata.total, 16_384n);
});

test('a storage with full metadata opens with larger sizes', async (t) => {
  const root = storageRoot(t);
  const small = ['dm.loopmetadatasize=256K', 'dm.loopdatasize=512M'];
  const storage = await openStorage(t, root, small);
  const dm = await openDm(t);
  const { poolName } = await storage.status();
  await exhaust(await Pool.open(dm, poolName));
  await storage.shutdown();
  const again = await openStorage(t, root, ['dm.loopmetadatasize=64M', 'dm.loopdatasize=64G']);
  const { data, metadata } = await again.status();
  t.deepEqual([data.total, metadata.total], [64n * GiB, BigInt(64 * MiB)]);
  await again.create('a');
  await again.shutdown();
});

test('with both rules at once, the metadata is extended first', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { metadataSize: 256n * KiB });
  fill(await testThin(pool), 'x', 0, 16);
  await exhaust(pool);
  // One bitmap more than the metadata has.
  const step = BigInt(1100 * MiB);
  const extensions = pool.autoExtend({
    data: { thresholdPercent: 1, step, ceiling: 2n * step },
    metadata: { thresholdPercent: 50, step: BigInt(64 * MiB), ceiling: BigInt(128 * MiB) },
  });
  const seen: Extension[] = [];
  for await (const extension of extensions) if (seen.push(extension) === 2) break;
  t.deepEqual(
    seen.map(({ type, what }) => [type, what]),
    [
      ['extended', 'metadata'],
      ['extended', 'data'],
    ],
  );
  t.like(await working(pool), { mode: 'rw', needsCheck: false });
});
