// Without privileges and discards: what cannot be trimmed. The rest is in test/kernel/trim.test.ts.

import { join } from 'node:path';
import test from 'ava';
import { InputError } from '../../src/ioctl/input-error.ts';
import { trimFilesystem } from '../../src/ioctl/trim.ts';
import { tempDir } from '../helpers/temp-dir.ts';

test('a filesystem that trims nothing', async (t) => {
  const error = await t.throwsAsync<NodeJS.ErrnoException>(trimFilesystem('/proc'), {
    code: 'ENOTTY',
    message: "ENOTTY: inappropriate ioctl for device, ioctl FITRIM '/proc'",
  });
  t.like(error, { errno: -25, syscall: 'ioctl', path: '/proc' });
});

test('a directory that is not there', async (t) => {
  await t.throwsAsync(trimFilesystem(join(tempDir(t), 'nothing')), { code: 'ENOENT' });
});

for (const [name, value] of [
  ['start', -1n],
  ['length', 2n ** 64n],
  ['minLength', 4096.5],
] as const) {
  test(`a ${name} of ${value} is refused before the kernel sees it`, async (t) => {
    await t.throwsAsync(trimFilesystem('/proc', { [name]: value }), {
      instanceOf: InputError,
      message: `${name}: expected a bigint or a safe integer, from 0 to 18446744073709551615, got ${value}${typeof value === 'bigint' ? 'n' : ''}`,
    });
  });
}

test('a trim that is aborted already is not made', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(trimFilesystem('/proc', { signal })), reason);
});
