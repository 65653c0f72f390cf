// Files below a pool. Loop devices need a kernel: test/kernel/thin/creation.test.ts.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ensureFile, extendFile, resizeFile } from '../../../../src/thin/backing/backing.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('a file that cannot change its size is named in the error', async (t) => {
  const path = join(tempDir(t), 'data');
  writeFileSync(path, '');
  await using file = await open(path, 'r');
  await t.throwsAsync(resizeFile(path, file, 4096n), {
    code: 'EINVAL',
    message: `EINVAL: invalid argument, ftruncate '${path}'`,
  });
});

test('a size that the filesystem cannot hold is named in the error', async (t) => {
  const failure = { code: 'EFBIG', errno: -27, syscall: 'ftruncate' };
  const truncate = async () => {
    throw Object.assign(new Error('EFBIG: file too large, ftruncate'), failure);
  };
  await t.throwsAsync(resizeFile('/data', { truncate } as unknown as FileHandle, 4096n), {
    code: 'EFBIG',
    message:
      "EFBIG: file too large, ftruncate '/data'. Its filesystem cannot hold a file of 4096 bytes",
  });
});

test('a file is created, extended, and not shrunk', async (t) => {
  const path = join(tempDir(t), 'data');
  t.true(await ensureFile(path, 8192n, 'data'));
  t.false(await ensureFile(path, 4096n, 'data'));
  await extendFile(path, 4096n);
  t.is(statSync(path).size, 8192);
  await extendFile(path, 16_384n);
  t.is(statSync(path).size, 16_384);
});

test('a file that cannot get its size is not left behind', async (t) => {
  const path = join(tempDir(t), 'data');
  await t.throwsAsync(ensureFile(path, 2n ** 63n, 'data'), {
    code: 'EFBIG',
    message: /ftruncate '.*\/data'/,
  });
  t.false(existsSync(path));
});

test('an empty file that existed before stays, and is empty again', async (t) => {
  const path = join(tempDir(t), 'data');
  writeFileSync(path, '', { mode: 0o640 });
  await t.throwsAsync(ensureFile(path, 2n ** 63n, 'data'), { code: 'EFBIG' });
  t.is(statSync(path).size, 0);
  t.is(statSync(path).mode & 0o777, 0o640);
});
