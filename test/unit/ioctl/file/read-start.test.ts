// test/kernel/thin/metadata.test.ts tests reads of a device with old data in the page cache.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readDirectly, readStart } from '../../../../src/ioctl/file/read-start.ts';
import { addressOf } from '../../../../src/ioctl/libc/libc.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => i % 251));

for (const [size, length] of [
  [0, 4096],
  [1, 4096],
  [4096, 4096],
  [4097, 8192],
  [8192, 4096],
  [100_000, 131_072],
  [300_000, 131_072],
] as const) {
  test(`readStart reads the first ${length} bytes of ${size}`, async (t) => {
    const path = join(tempDir(t), 'file');
    writeFileSync(path, bytes(size));
    t.true((await readStart(path, length)).equals(bytes(Math.min(size, length))));
  });
}

test('a device without direct I/O is read buffered', async (t) => {
  t.deepEqual(await readStart('/dev/zero', 4096), Buffer.alloc(4096));
});

for (const size of [0, 100, 512, 4096]) {
  test(`readDirectly reads one block of a file of ${size} bytes, or fails if the filesystem lacks direct I/O`, async (t) => {
    const path = join(tempDir(t), 'file');
    writeFileSync(path, bytes(size));
    for (const start of [0n, 512n]) {
      const outcome = await readDirectly(path, { start, length: 512 }).catch((e) => e.code);
      t.true(outcome === undefined || outcome === 'EINVAL', String(outcome));
    }
  });
}

test('readDirectly fails for a device without direct I/O', async (t) => {
  await t.throwsAsync(readDirectly('/dev/zero', { start: 0n, length: 512 }), { code: 'EINVAL' });
});

test('a part of a buffer is aligned', (t) => {
  const whole = Buffer.alloc(256);
  t.is(addressOf(whole.subarray(100)), addressOf(whole) + 100n);
});

test('a missing path fails with ENOENT', async (t) => {
  const path = join(tempDir(t), 'nothing');
  await t.throwsAsync(readStart(path, 4096), { code: 'ENOENT' });
});

test('a directory fails with EISDIR', async (t) => {
  const path = tempDir(t);
  const error = await t.throwsAsync(readStart(path, 4096), { code: 'EISDIR' });
  t.is(error?.message, `EISDIR: illegal operation on a directory, read '${path}'`);
});

test('an already aborted read makes no system call', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(readStart('/dev/zero', 4096, { signal })), reason);
});
