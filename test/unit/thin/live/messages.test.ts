// Messages that the kernel rejects, or accepts but fails to commit.

import test from 'ava';
import type { PoolErrorCode } from '../../../../src/thin/live/errors.ts';
import type { ThinPool } from '../../../../src/thin/pool/pool.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

interface Row {
  readonly title: string;
  readonly given?: (pool: ThinPool) => Promise<unknown>;
  readonly call: (pool: ThinPool) => Promise<unknown>;
  readonly code: PoolErrorCode;
  readonly message: string;
}

const rows: readonly Row[] = [
  {
    title: 'an id in use',
    given: (pool) => pool.createThin(7),
    call: (pool) => pool.createThin(7),
    code: 'ERR_THIN_EXISTS',
    message:
      'thin pool \'pool\', thin id 7: cannot create a thin device: a thin device with this id already exists; "dmts thin activate" activates it',
  },
  {
    title: 'a snapshot with an id in use',
    given: (pool) => pool.createThin(7),
    call: (pool) => pool.createSnap(7, 7),
    code: 'ERR_THIN_EXISTS',
    message:
      'thin pool \'pool\', thin id 7: cannot create a snapshot of thin id 7: a thin device with this id already exists; "dmts thin activate" activates it',
  },
  {
    title: 'a snapshot of a missing origin',
    call: (pool) => pool.createSnap(8, 7),
    code: 'ERR_THIN_MISSING',
    message:
      "thin pool 'pool', thin id 8: cannot create a snapshot of thin id 7: the pool has no thin device 7",
  },
  {
    title: 'deleting an unknown id',
    call: (pool) => pool.deleteThin(7),
    code: 'ERR_THIN_MISSING',
    message:
      "thin pool 'pool', thin id 7: cannot delete a thin device: the pool has no thin device with this id",
  },
  {
    title: 'deleting an active device',
    given: async (pool) => {
      await pool.createThin(7);
      await pool.activateThin(7, { length: 2048 });
    },
    call: (pool) => pool.deleteThin(7),
    code: 'ERR_THIN_ACTIVE',
    message:
      "thin pool 'pool', thin id 7: cannot delete a thin device: it is active, or in an inactive table",
  },
  {
    title: 'another transaction id',
    call: (pool) => pool.setTransactionId(5n, 6n),
    code: 'ERR_POOL_METADATA',
    message:
      "thin pool 'pool': cannot change the transaction id from 5 to 6: its transaction id is not 5: another program changed the pool",
  },
  {
    title: 'a second metadata snapshot',
    given: (pool) => pool.reserveMetadataSnap(),
    call: (pool) => pool.reserveMetadataSnap(),
    code: 'ERR_POOL_BUSY',
    message:
      "thin pool 'pool': cannot reserve the metadata snapshot: its metadata snapshot is already reserved, by a process that reads it or that died; releaseMetadataSnap, or the message release_metadata_snap, releases it",
  },
  {
    title: 'releasing a missing metadata snapshot',
    call: (pool) => pool.releaseMetadataSnap(),
    code: 'ERR_POOL_NOT_ACTIVE',
    message:
      "thin pool 'pool': cannot release the metadata snapshot: no metadata snapshot is reserved",
  },
];

for (const { title, given, call, code, message } of rows) {
  test(title, async (t) => {
    const { pool } = await modelPool();
    await given?.(pool);
    await t.throwsAsync(call(pool), { code, message });
  });
}

const refusals = [
  [{ mode: 'ro', usedMetadata: 512n }, 'ERR_POOL_METADATA_FULL', 'metadata-full'],
  [{ mode: 'ro' }, 'ERR_POOL_READ_ONLY', 'read-only'],
  [{ mode: 'ro', needsCheck: true }, 'ERR_POOL_NEEDS_CHECK', 'needs-check'],
  [{ mode: 'fail' }, 'ERR_POOL_FAILED', 'failed'],
] as const;

for (const [state, code, word] of refusals) {
  test(`a pool that is ${word} rejects messages, and the error has a remedy`, async (t) => {
    const { kernel, pool } = await modelPool();
    await pool.createThin(1);
    kernel.setPool('pool', state);
    const refused = await t.throwsAsync(pool.deleteThin(1), { code });
    t.regex(
      refused?.message ?? '',
      new RegExp(
        `^thin pool 'pool', thin id 1: cannot delete a thin device: the pool is ${word}\\. `,
      ),
    );
    await t.throwsAsync(pool.createThin(2), {
      code,
      message: /cannot create a thin device or snapshot/,
    });
  });

  const failed = word !== 'metadata-full';
  test(`a message after which the pool is ${word} is ${failed ? 'not ' : ''}done`, async (t) => {
    // A failed commit: the message succeeds, but the status has changed.
    const { pool } = await modelPool({
      afterCreateThin: (kernel) => kernel.setPool('pool', state),
    });
    const message = /the kernel accepted it but failed to commit it/;
    if (failed) await t.throwsAsync(pool.createThin(1), { code, message });
    else await t.notThrowsAsync(pool.createThin(1));
  });
}

test('a full pool rejects new devices, but still deletes', async (t) => {
  const { kernel, pool } = await modelPool();
  await pool.createThin(1);
  kernel.setPool('pool', { usedData: 1000n });
  await t.throwsAsync(pool.createSnap(2, 1), {
    code: 'ERR_POOL_FULL',
    message:
      /cannot create a thin device or snapshot: the pool is out-of-data\. Grow its data device/,
  });
  await t.notThrowsAsync(pool.deleteThin(1));
});

test('the reserve remains free', async (t) => {
  const { kernel, pool } = await modelPool({ reserve: { dataPercent: 10 } });
  kernel.setPool('pool', { usedData: 900n });
  await pool.createThin(1);
  kernel.setPool('pool', { usedData: 901n });
  await t.throwsAsync(pool.createSnap(2, 1), {
    code: 'ERR_POOL_FULL',
    message: /99 of 1000 data blocks are free, expected at least 10 %/,
  });
});
