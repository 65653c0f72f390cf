// The data that the metadata of a new pool can describe, compared with limits of Linux 6.1 found by bisection.

import test from 'ava';
import { BLOCKS_PER_BITMAP, refuseTooSmall } from '../../../../src/thin/metadata/metadata-need.ts';

const KIB = 1024n;

/** Metadata in KiB, and the largest number of bitmaps with which the kernel created a writable pool. */
const KERNEL = [
  [64n, 5n],
  [128n, 20n],
  [256n, 49n],
  [1024n, 220n],
  [4096n, 907n],
] as const;

const taken = (size: bigint, bitmaps: bigint): boolean => {
  try {
    refuseTooSmall('tank', size, bitmaps * BLOCKS_PER_BITMAP);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_POOL_SIZE') return false;
    throw error;
  }
};

for (const [kib, most] of KERNEL) {
  test(`${kib} KiB of metadata: every unusable size is rejected, and few usable ones`, (t) => {
    t.false(taken(kib * KIB, most + 1n));
    t.true(taken(kib * KIB, (most * 95n) / 100n));
  });
}

test('the size in the error is sufficient', (t) => {
  for (const bitmaps of [1n, 7n, 300n, 5000n, 60_000n]) {
    const blocks = bitmaps * BLOCKS_PER_BITMAP;
    const error = t.throws(() => refuseTooSmall('tank', 4096n, blocks), { code: 'ERR_POOL_SIZE' });
    const least = BigInt(/at least (\d+) bytes/.exec(error?.message ?? '')![1]!);
    t.true(taken(least, bitmaps), `${bitmaps}`);
    t.false(taken(least - 2n * 4096n, bitmaps), `${bitmaps}`);
  }
});
