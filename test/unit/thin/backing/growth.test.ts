// Growth that is rejected before the pool, its table or its file changes. The growth itself needs a kernel: see
// test/kernel/thin/growth.test.ts.

import test from 'ava';
import { metadataNeed } from '../../../../src/thin/metadata/metadata-need.ts';
import { modelPool } from '../../../support/thin/helpers.ts';

const BLOCK = 65_536n;

const needs = [
  ['nothing', 1000n, 1000n, 0n],
  ['nothing within the last bitmap', 1000n, 16_320n, 0n],
  ['one bitmap, a node, and the copies', 16_320n, 16_321n, 10n],
  ['a node for 80 bitmaps', 16_320n, 81n * 16_320n, 89n],
  ['two nodes for 81', 16_320n, 82n * 16_320n, 91n],
  // Linux 6.1 used 20,124 blocks.
  ['20,000 bitmaps', 16_320n, 20_001n * 16_320n, 20_258n],
] as const;

for (const [what, now, then, need] of needs) {
  test(`a pool that grows from ${now} to ${then} data blocks needs ${what}`, (t) => {
    t.is(metadataNeed(now, then), need);
  });
}

const states = [
  [{ mode: 'ro', needsCheck: true }, 'ERR_POOL_NEEDS_CHECK', 'needs-check', /thin_check/],
  [{ mode: 'ro' }, 'ERR_POOL_READ_ONLY', 'read-only', /read_only/],
  [
    { mode: 'ro', usedMetadata: 512n },
    'ERR_POOL_METADATA_FULL',
    'metadata-full',
    /Grow its metadata/,
  ],
  [{ mode: 'fail' }, 'ERR_POOL_FAILED', 'failed', /kernel log/],
] as const;

for (const [state, code, word, advice] of states) {
  test(`the data of a pool that is ${word} does not grow`, async (t) => {
    const { kernel, dm, pool } = await modelPool();
    kernel.setPool('pool', state);
    const error = await t.throwsAsync(pool.growData(2000n * BLOCK), { code, message: advice });
    t.regex(error?.message ?? '', new RegExp(`cannot grow .*: the pool is ${word}`));
    t.false((await dm.info('pool')).inactive);
  });

  if (word === 'metadata-full') continue;
  test(`the metadata of a pool that is ${word} does not grow`, async (t) => {
    const { kernel, dm, pool } = await modelPool();
    kernel.setPool('pool', state);
    await t.throwsAsync(pool.growMetadata(8n * 1024n * 1024n), { code, message: advice });
    t.false((await dm.info('pool')).inactive);
  });
}

test('data that the metadata cannot describe is rejected, and the error has the required metadata size', async (t) => {
  const { pool, dm } = await modelPool();
  // 512 metadata blocks, 60 of them used or reserved.
  await t.throwsAsync(pool.growData(16_320n * 441n * BLOCK), {
    code: 'ERR_POOL_SIZE',
    message:
      "thin pool 'pool': cannot grow its data from 1000 to 7197120 blocks: its metadata needs 455 free blocks to describe them, but has 452. Grow the metadata to at least 2117632 bytes first",
  });
  t.false((await dm.info('pool')).inactive);
});
