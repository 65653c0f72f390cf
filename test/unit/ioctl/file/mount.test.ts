// Mounts and unmounts that fail without privileges. test/kernel/ioctl/mount.test.ts has the rest.

import { join } from 'node:path';
import test from 'ava';
import { mount, unmount } from '../../../../src/ioctl/file/mount.ts';
import { InputError } from '../../../../src/ioctl/input/input-error.ts';
import { SyscallError } from '../../../../src/ioctl/libc/syscall-error.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** The kernel checks the path either before or after the privilege. */
const NOT_THERE = /^(ENOENT: no such file or directory|EPERM: operation not permitted), /;

test('unmounting a missing path fails', async (t) => {
  const target = join(tempDir(t), 'nothing');
  const error = await t.throwsAsync<SyscallError>(unmount(target), {
    instanceOf: SyscallError,
    message: NOT_THERE,
  });
  t.true(error?.message.endsWith(`, umount2 '${target}'`));
  t.like(error, { syscall: 'umount2', path: target });
});

test('mounting on a missing path fails', async (t) => {
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

test('a lazy unmount of a missing path fails', async (t) => {
  const target = join(tempDir(t), 'nothing');
  await t.throwsAsync(unmount(target, { lazy: true }), { message: NOT_THERE });
});

test('unmounting a directory that is not a mount point fails', async (t) => {
  await t.throwsAsync(unmount(tempDir(t)), { message: /^(EINVAL|EPERM): / });
});

// C reads a string up to the NUL, which would be another path.
for (const [field, act] of [
  ['target', (dir: string) => unmount(`${dir}\0/below`)],
  ['target', (dir: string) => mount({ source: 'none', target: `${dir}\0`, type: 'tmpfs' })],
  ['source', (dir: string) => mount({ source: 'a\0b', target: dir, type: 'tmpfs' })],
  ['type', (dir: string) => mount({ source: 'none', target: dir, type: 'tmpfs\0' })],
  ['data', (dir: string) => mount({ source: 'none', target: dir, type: 'tmpfs', data: 'a\0b' })],
] as const) {
  test(`a NUL in ${act.toString().replaceAll('\n', ' ')} is rejected before any system call`, async (t) => {
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
