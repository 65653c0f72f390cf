// Trims that fail, without privileges and discards. test/kernel/ioctl/trim.test.ts has the rest.

import { join } from 'node:path';
import test from 'ava';
import { trimFilesystem } from '../../../../src/ioctl/file/trim.ts';
import { InputError } from '../../../../src/ioctl/input/input-error.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('a filesystem without FITRIM fails', async (t) => {
  const error = await t.throwsAsync<NodeJS.ErrnoException>(trimFilesystem('/proc'), {
    code: 'ENOTTY',
    message: "ENOTTY: inappropriate ioctl for device, ioctl FITRIM '/proc'",
  });
  t.like(error, { errno: -25, syscall: 'ioctl', path: '/proc' });
});

test('a missing directory fails with ENOENT', async (t) => {
  await t.throwsAsync(trimFilesystem(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
});

for (const [name, value] of [
  ['start', -1n],
  ['length', 2n ** 64n],
  ['minLength', 4096.5],
] as const) {
  test(`a ${name} of ${value} is rejected before any system call`, async (t) => {
    await t.throwsAsync(trimFilesystem('/proc', { [name]: value }), {
      instanceOf: InputError,
      message: `${name}: expected a bigint or a safe integer, from 0 to 18446744073709551615, got ${value}${typeof value === 'bigint' ? 'n' : ''}`,
    });
  });
}

test('an already aborted trim makes no system call', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(trimFilesystem('/proc', { signal })), reason);
});
