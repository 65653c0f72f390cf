// Without privileges: what no user may mount or unmount. The rest is in test/kernel/mount.test.ts.

import { join } from 'node:path';
import test from 'ava';
import { InputError } from '../../src/ioctl/input-error.ts';
import { mount, unmount } from '../../src/ioctl/mount.ts';
import { SyscallError } from '../../src/ioctl/syscall-error.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** The kernel looks for the path before or after it looks for the privilege. */
const NOT_THERE = /^(ENOENT: no such file or directory|EPERM: operation not permitted), /;

test('unmounting what is not there', async (t) => {
  const target = join(tempDir(t), 'nothing');
  const error = await t.throwsAsync<SyscallError>(unmount(target), {
    instanceOf: SyscallError,
    message: NOT_THERE,
  });
  t.true(error?.message.endsWith(`, umount2 '${target}'`));
  t.like(error, { syscall: 'umount2', path: target });
});

test('mounting on what is not there', async (t) => {
  const target = join(tempDir(t), 'nothing');
  const error = await t.throwsAsync<SyscallError>(
    mount({ source: 'none', target, type: 'tmpfs' }),
    {
      instanceOf: SyscallError,
      message: NOT_THERE,
    },
  );
  t.true(error?.message.endsWith(`, mount none on '${target}'`));
  t.like(error, { syscall: 'mount', path: target });
});

test('unmounting it as soon as nobody uses it', async (t) => {
  const target = join(tempDir(t), 'nothing');
  await t.throwsAsync(unmount(target, { lazy: true }), { message: NOT_THERE });
});

test('unmounting a directory that is no mount', async (t) => {
  await t.throwsAsync(unmount(tempDir(t)), { message: /^(EINVAL|EPERM): / });
});

// C would see the text up to the NUL: another path than the one that was meant.
for (const [field, act] of [
  ['target', (dir: string) => unmount(`${dir}\0/below`)],
  ['target', (dir: string) => mount({ source: 'none', target: `${dir}\0`, type: 'tmpfs' })],
  ['source', (dir: string) => mount({ source: 'a\0b', target: dir, type: 'tmpfs' })],
  ['type', (dir: string) => mount({ source: 'none', target: dir, type: 'tmpfs\0' })],
  ['data', (dir: string) => mount({ source: 'none', target: dir, type: 'tmpfs', data: 'a\0b' })],
] as const) {
  test(`a NUL in ${act.toString().replaceAll('\n', ' ')} is refused before the kernel sees it`, async (t) => {
    await t.throwsAsync(act(tempDir(t)), {
      instanceOf: InputError,
      message: new RegExp(`^${field}: expected a string without NUL, got `),
    });
  });
}

test('an aborted signal mounts nothing', async (t) => {
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  const target = tempDir(t);
  t.is(await t.throwsAsync(mount({ source: 'none', target, type: 'tmpfs', signal })), reason);
  t.is(await t.throwsAsync(unmount(target, { signal })), reason);
});
