// Metadata that runs out, fails, or is invalid; the test names are those of the dm-thin suites.

import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { error, flakey, linear, thinPool } from '../../../src/dm/targets/index.ts';
import type { DeviceMapper } from '../../../src/index.ts';
import { type ActivatePoolOptions, isPoolError, ThinPool } from '../../../src/thin/index.ts';
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
  metadataTool,
  removePool,
  THIN,
  testPool,
  testThin,
  used,
  working,
} from '../../support/kernel/thin.ts';

const KiB = 1024n;
const SUPERBLOCK = 8;
const METADATA = 1024 * 8;

/** Create thin devices until the metadata is full. @returns their number */
async function exhaust(pool: ThinPool): Promise<number> {
  for (let id = 0; ; id++) {
    try {
      await pool.createThin(id);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_POOL_METADATA_FULL') throw error;
      return id;
    }
  }
}

test('metadata_resize/exhausting_metadata_space_aborts_to_ro_mode', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm, { metadataSize: 512n * KiB });
  const count = await exhaust(pool);
  t.log(`${count} empty thin devices fit into 512 KiB of metadata`);
  t.true(count > 64);
  t.is((await pool.health()).state, 'metadata-full');
  t.like(await working(pool), { mode: 'ro', needsCheck: false });
  await pool.deactivate();
  const ids = metadataTool('thin_dump', metadata).match(/dev_id=/g) ?? [];
  t.is(
    ids.length,
    count,
    'every created device exists, including the one that took the last block',
  );
  const again = await ThinPool.activate(dm, pool.name, { metadata, data });
  await t.throwsAsync(
    (async () => {
      for (let id = count; ; id++) await again.createThin(id);
    })(),
    { code: 'ERR_POOL_METADATA_FULL' },
  );
});

test('metadata_resize/resize_after_exhaust, and provisioning works again', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { metadataSize: 512n * KiB });
  const count = await exhaust(pool);
  await pool.growMetadata(4096n * KiB);
  t.is((await pool.health()).state, 'ok');
  await pool.createThin(count);
  const thin = await pool.activateThin(count, { length: THIN });
  fill(thin, 'x', 0, 4);
  t.is(letters(thin, 0, 4), 'xxxx');
});

test('metadata_resize/thin_remove_works_after_resize', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { metadataSize: 512n * KiB });
  await exhaust(pool);
  await t.throwsAsync(pool.deleteThin(0), {
    code: 'ERR_POOL_METADATA_FULL',
    message: /the pool is metadata-full\. Grow its metadata device/,
  });
  await pool.growMetadata(4096n * KiB);
  await pool.deleteThin(0);
  await t.throwsAsync(pool.deleteThin(0), { code: 'ERR_THIN_MISSING' });
});

test('metadata_resize/resize_no_io: in steps', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { metadataSize: BigInt(MiB) });
  let size = MiB;
  for (const more of [1, 3, 7, 31, 67]) {
    size += more * MiB;
    await pool.growMetadata(BigInt(size));
    t.is((await working(pool)).metadata.total, BigInt(size / 4096));
  }
  fill(await testThin(pool), 'x');
  await pool.deactivateThin(0);
  await pool.deactivate();
  t.notThrows(() => metadataTool('thin_check', metadata));
});

test('metadata_resize/resize_with_io', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { metadataSize: BigInt(MiB) });
  const thin = await testThin(pool);
  for (let i = 0; i < 8; i++) {
    fill(thin, 'x', i * 4, 4);
    await pool.growMetadata(BigInt((i + 2) * MiB));
  }
  t.is(letters(thin, 0, 32), 'x'.repeat(32));
});

test('metadata_resize/metadata cannot shrink', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  await t.throwsAsync(pool.growMetadata(BigInt(MiB)), {
    code: 'ERR_POOL_SIZE',
    message: /cannot shrink its metadata from \d+ to 1048576 bytes/,
  });
  await t.throwsAsync(pool.growMetadata(2n ** 40n), { code: 'ERR_POOL_SIZE' });
});

/** A pool whose metadata device can be made to fail, except for its superblock. */
async function fragilePool(t: ExecutionContext) {
  const dm = await openDm(t);
  const disk = await scratchLoop(t, METADATA * 512);
  const working = [linear({ length: METADATA, device: disk })];
  const metadata = await scratchDevice(t, dm, { table: working });
  const { pool, data } = await testPool(t, dm, { metadata: metadata.path });
  const rest = { start: SUPERBLOCK, length: METADATA - SUPERBLOCK };
  const failing = [
    linear({ length: SUPERBLOCK, device: disk }),
    flakey({
      ...rest,
      device: disk,
      offset: SUPERBLOCK,
      upSeconds: 0,
      downSeconds: 60,
      errorWrites: true,
    }),
  ];
  const swap = (table: typeof working) => dm.reload(metadata.name, table, { noFlush: true });
  return {
    dm,
    pool,
    data,
    metadata,
    failWrites: () => swap(failing),
    failAll: () => swap([error({ length: METADATA })]),
    mend: () => swap(working),
  };
}

test('needs_check/commit_failure_sets_needs_check: the call fails and has no effect', async (t) => {
  const { dm, pool, data, metadata, failWrites, mend } = await fragilePool(t);
  await pool.createThin(0);
  await failWrites();
  const refused = await t.throwsAsync(pool.createThin(1));
  t.regex((refused as { code?: string }).code ?? '', /^ERR_POOL_(NEEDS_CHECK|FAILED)$/);
  t.regex(refused?.message ?? '', /but failed to commit it|the pool is (needs-check|failed)/);
  t.regex((await pool.health()).state, /^(needs-check|failed)$/);
  await t.throwsAsync(pool.deleteThin(0), { code: (refused as { code?: string }).code! });
  await mend();
  await pool.deactivate();
  t.notRegex(output('thin_dump', metadata.path), /dev_id="1"/);
  // The failed creation succeeds once the metadata has been checked.
  output('thin_check', '--clear-needs-check-flag', metadata.path);
  const again = await ThinPool.activate(dm, pool.name, { metadata: metadata.path, data });
  await again.createThin(1);
  t.is((await again.health()).state, 'ok');
});

test('needs_check/bz1230271: the metadata device disappears', async (t) => {
  const { pool, failAll, mend } = await fragilePool(t);
  const thin = await testThin(pool);
  fill(thin, 'x');
  await failAll();
  const refused = await t.throwsAsync(pool.createThin(1));
  t.true(isPoolError(refused, 'ERR_POOL_FAILED', 'ERR_POOL_NEEDS_CHECK'), String(refused));
  t.regex((await pool.health()).state, /^(failed|needs-check)$/);
  await mend();
});

/** An inactive pool with a thin device that has data. */
async function usedPool(t: ExecutionContext) {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm);
  fill(await testThin(pool), 'x');
  await pool.deactivateThin(0);
  await pool.setTransactionId(0n, 1n);
  const older = join(scratchDirectory(t), 'older');
  await pool.deactivate();
  copyFileSync(metadata, older);
  const later = await ThinPool.activate(dm, pool.name, { metadata, data });
  await later.setTransactionId(1n, 2n);
  await later.deactivate();
  return { dm, name: pool.name, metadata, data, older };
}

const READ_ONLY = { features: ['read_only'] } as const;

test('read_only: existing data can be read, and nothing can be created, deleted or provisioned', async (t) => {
  const { dm, name, metadata, data } = await usedPool(t);
  const before = hash(metadata);
  const pool = await ThinPool.activate(dm, name, { metadata, data, ...READ_ONLY });
  t.is((await pool.health()).state, 'read-only');
  const thin = await pool.activateThin(0, { length: THIN });
  t.is(letters(thin, 0, 2), 'x.', 'unprovisioned blocks read zero');
  fill(thin, 'y');
  t.is(letters(thin, 0, 1), 'y', 'mapped blocks can be written in place');
  t.throws(() => fill(thin, 'z', 1), { message: /EIO|ENOSPC|i\/o error/i });
  await t.throwsAsync(pool.createThin(1), { code: 'ERR_POOL_READ_ONLY' });
  await t.throwsAsync(pool.createSnap(1, 0), { code: 'ERR_POOL_READ_ONLY' });
  await pool.deactivateThin(0);
  await t.throwsAsync(pool.deleteThin(0), { code: 'ERR_POOL_READ_ONLY' });
  await t.throwsAsync(pool.setTransactionId(2n, 3n), { code: 'ERR_POOL_READ_ONLY' });
  await pool.deactivate();
  t.is(hash(metadata), before);
});

test('read_only_metadata: a pool on read-only metadata', async (t) => {
  const { dm, name, metadata, data } = await usedPool(t);
  const disk = output('losetup', '-f', '--show', '-r', metadata).trim();
  t.teardown(() => output('losetup', '-d', disk));
  const pool = await ThinPool.activate(dm, name, { metadata: disk, data, ...READ_ONLY });
  t.is(letters(await pool.activateThin(0, { length: THIN, readOnly: true })), 'x');
  await removePool(dm, name);
});

const hash = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

interface Wrong {
  readonly title: string;
  readonly make: (
    t: ExecutionContext,
    pool: { metadata: string; data: string; older: string; dm: DeviceMapper },
  ) => Promise<ActivatePoolOptions>;
  readonly message: RegExp;
}

const overwrite = (file: string, at: number, bytes: Buffer): void => {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
};

const wrongs: readonly Wrong[] = [
  {
    title: 'an older copy of the metadata',
    make: async (_t, { older, data }) => ({
      metadata: older,
      data,
      expect: { transactionId: 2n },
    }),
    message:
      /unexpected transaction id on \S+: expected 2, got 1\. It is another pool, an older copy/,
  },
  {
    title: 'the metadata of another, larger pool',
    make: async (t, { dm, data }) => {
      const other = await testPool(t, dm, { dataSize: BigInt(128 * MiB) });
      await other.pool.deactivate();
      return { metadata: other.metadata, data };
    },
    message:
      /describes 134217728 bytes of data, but \S+ has 67108864\. It is the metadata of another pool/,
  },
  {
    title: 'the metadata of another pool with a different block size',
    make: async (t, { dm, data }) => {
      const other = await testPool(t, dm, { blockSize: 256n });
      await other.pool.deactivate();
      return { metadata: other.metadata, data, expect: { blockSize: 128n } };
    },
    message: /unexpected block size on \S+: expected 128, got 256/,
  },
  {
    title: 'data and metadata swapped',
    make: async (_t, { metadata, data }) => ({ metadata: data, data: metadata }),
    message:
      /The data device begins with the metadata of a pool\. Check that data and metadata are not exchanged/,
  },
  {
    title: 'a superblock of zeros',
    make: async (_t, { metadata, data }) => {
      overwrite(metadata, 0, Buffer.alloc(4096));
      return { metadata, data };
    },
    message: /does not hold a pool: its first 4 KiB are zero/,
  },
  {
    title: 'one byte of the superblock wrong',
    make: async (_t, { metadata, data }) => {
      overwrite(metadata, 100, Buffer.from([0xff]));
      return { metadata, data };
    },
    message: /the superblock on \S+ is damaged: checksum/,
  },
  {
    title: 'a filesystem',
    make: async (_t, { metadata, data }) => {
      output('mkfs.ext4', '-q', '-F', metadata);
      return { metadata, data };
    },
    message: /does not hold a pool: it holds .*ext/,
  },
];

for (const { title, make, message } of wrongs) {
  test(`a wrong pool is rejected before any write: ${title}`, async (t) => {
    const pool = await usedPool(t);
    const options = await make(t, pool);
    const before = [hash(options.metadata), hash(options.data)];
    await t.throwsAsync(ThinPool.activate(pool.dm, uniqueName('pool'), options), {
      code: 'ERR_POOL_METADATA',
      message,
    });
    t.deepEqual([hash(options.metadata), hash(options.data)], before);
  });
}

test('a wrong pool is rejected before any write: another owner’s LVM pool', async (t) => {
  const { dm, name, metadata, data } = await usedPool(t);
  const disk = output('losetup', '-f', '--show', metadata).trim();
  t.teardown(() => output('losetup', '-d', disk));
  const before = hash(metadata);
  const lvm = uniqueName('lvm');
  const lv = await scratchDevice(
    t,
    dm,
    { table: [linear({ length: METADATA, device: disk })], uuid: `LVM-${'x'.repeat(64)}-tmeta` },
    lvm,
  );
  for (const attempt of [
    ThinPool.activate(dm, name, { metadata: lv.path, data }),
    ThinPool.create(dm, name, { metadata: lv.path, data, overwrite: true }),
  ]) {
    await t.throwsAsync(attempt, {
      code: 'ERR_POOL_METADATA',
      message: /belongs to an LVM thin pool\. Activate it with "lvchange -ay"/,
    });
  }
  t.is(hash(metadata), before);
});

test('an existing pool is never formatted by accident', async (t) => {
  const { dm, name, metadata, data } = await usedPool(t);
  const before = [hash(metadata), hash(data)];
  const options = { metadata, data, dataSize: BigInt(64 * MiB), metadataSize: BigInt(4 * MiB) };
  await t.throwsAsync(ThinPool.create(dm, name, options), {
    code: 'ERR_POOL_NOT_BLANK',
    message: /is not blank: it holds .*thin-pool metadata/,
  });
  t.deepEqual([hash(metadata), hash(data)], before);
  const pool = await ThinPool.create(dm, name, { ...options, overwrite: true });
  t.is(await used(pool), 0n);
});

test('a pool whose creator died before the first resume: activate completes it, a view does not', async (t) => {
  const dm = await openDm(t);
  const [metadataDevice, dataDevice] = [
    await scratchLoop(t, 4 * MiB),
    await scratchLoop(t, 64 * MiB),
  ];
  const half = uniqueName('half');
  await dm.create(half);
  await dm.load(half, [
    thinPool({ length: 64 * 2048, metadataDevice, dataDevice, blockSize: 1024 }),
  ]);
  await dm.remove(half);
  const places = { metadata: metadataDevice, data: dataDevice };
  const name = uniqueName('pool');
  t.teardown(() => removePool(dm, name));
  await t.throwsAsync(ThinPool.activate(dm, name, { ...places, readOnly: true }), {
    code: 'ERR_POOL_METADATA',
    message: /a pool whose creation is not complete: .* Activate it for changes to complete it/,
  });
  await t.throwsAsync(ThinPool.create(dm, name, places), { code: 'ERR_POOL_NOT_BLANK' });
  const pool = await ThinPool.activate(dm, name, places);
  const { length, params } = await pool.table();
  t.deepEqual([length, params.blockSize], [64n * 2048n, 1024n]);
  await pool.createThin(0);
});

test('a pool is activated again with the block size from its metadata', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata, data } = await testPool(t, dm, { blockSize: 1024n });
  const before = await pool.table();
  fill(await testThin(pool), 'x', 3);
  await pool.deactivateThin(0);
  await pool.deactivate();
  const again = await ThinPool.activate(dm, pool.name, { metadata, data });
  const { params, length } = await again.table();
  t.deepEqual([length, params.blockSize], [before.length, 1024n]);
  t.is(letters(await again.activateThin(0, { length: THIN }), 0, THIN / BLOCK)[3], 'x');
});
