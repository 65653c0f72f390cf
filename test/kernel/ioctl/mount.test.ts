import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mount, unmount } from '../../../src/ioctl/file/mount.ts';
import { detachLoop, loopStatus } from '../../../src/ioctl/loop/loop.ts';
import {
  assertNothingLeft,
  attach,
  mountsBelow,
  scratch,
  sparseFile,
  unmountAfter,
} from '../../support/kernel/loops.ts';

let directories = 0;
/** A directory to mount on; unmounted when the test ends. */
function mountPoint(t: ExecutionContext): string {
  const path = join(scratch, `mnt${++directories}`);
  mkdirSync(path);
  unmountAfter(t, path);
  return path;
}

/** A loop device with an ext4 filesystem. */
async function ext4(t: ExecutionContext): Promise<string> {
  const file = sparseFile(32 << 20);
  execFileSync('mkfs.ext4', ['-q', '-E', 'nodiscard', file]);
  return (await attach(t, file)).path;
}

const optionsOf = (target: string): readonly string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, on]) => on === target)
    .flatMap(([, , type = '', options = '']) => [type, ...options.split(',')]);

test('an ext4 that is mounted, written and unmounted keeps its data', async (t) => {
  const source = await ext4(t);
  const target = mountPoint(t);
  await mount({ source, target, type: 'ext4' });
  t.true(optionsOf(target).includes('ext4'));
  writeFileSync(join(target, 'note'), 'written');
  await unmount(target);
  t.false(existsSync(join(target, 'note')));
  await mount({ source, target, type: 'ext4' });
  t.is(readFileSync(join(target, 'note'), 'utf8'), 'written');
  await unmount(target);
  t.false(mountsBelow().includes(target));
});

test('flags and filesystem options reach the kernel', async (t) => {
  const target = mountPoint(t);
  const flags = ['ro', 'nosuid', 'nodev', 'noexec'] as const;
  await mount({
    source: await ext4(t),
    target,
    type: 'ext4',
    flags,
    data: 'errors=remount-ro,noload',
  });
  const options = optionsOf(target);
  for (const option of [...flags, 'errors=remount-ro', 'norecovery']) {
    t.true(options.includes(option), `${option} in ${options}`);
  }
  t.throws(() => writeFileSync(join(target, 'note'), ''), { code: 'EROFS' });
});

test('a read-only mount can be remounted writable', async (t) => {
  const target = mountPoint(t);
  const source = await ext4(t);
  await mount({ source, target, type: 'ext4', flags: ['ro'] });
  t.throws(() => writeFileSync(join(target, 'note'), ''), { code: 'EROFS' });
  await mount({ source, target, type: 'ext4', flags: ['remount'] });
  writeFileSync(join(target, 'note'), '');
  t.true(optionsOf(target).includes('rw'));
});

test('an unmount with an open file fails with EBUSY; a lazy unmount succeeds', async (t) => {
  const source = await ext4(t);
  const target = mountPoint(t);
  await mount({ source, target, type: 'ext4' });
  const fd = openSync(join(target, 'open'), 'w');
  try {
    await t.throwsAsync(unmount(target), {
      code: 'EBUSY',
      message: `EBUSY: resource busy or locked, umount2 '${target}'`,
    });
    t.true(mountsBelow().includes(target));
    await unmount(target, { lazy: true });
    t.false(mountsBelow().includes(target));
    writeFileSync(fd, 'the user goes on');
    // It is detached from the tree but still in use, so its device cannot be removed yet.
    await detachLoop(source);
    t.true((await loopStatus(source)).autoclear);
  } finally {
    closeSync(fd);
  }
});

test('a bind mount shows a directory at another path', async (t) => {
  const source = mountPoint(t);
  const target = mountPoint(t);
  writeFileSync(join(source, 'note'), 'seen twice');
  await mount({ source, target, flags: ['bind'] });
  t.is(readFileSync(join(target, 'note'), 'utf8'), 'seen twice');
  await mount({ source, target, flags: ['bind', 'remount', 'ro'] });
  t.throws(() => writeFileSync(join(target, 'note'), ''), { code: 'EROFS' });
  writeFileSync(join(source, 'note'), 'still writable here');
  await unmount(target);
  t.false(existsSync(join(target, 'note')));
});

const FAILURES = [
  ['a directory that is not a mount', 'EINVAL', (dir: string) => unmount(dir)],
  ['a directory that does not exist', 'ENOENT', (dir: string) => unmount(join(dir, 'nothing'))],
] as const;

for (const [title, code, act] of FAILURES) {
  test(`unmounting ${title} fails with ${code}`, async (t) => {
    await t.throwsAsync(act(mountPoint(t)), { code });
  });
}

test('mounting a device without a filesystem gives the error of the kernel', async (t) => {
  const { path: source } = await attach(t, sparseFile());
  const target = mountPoint(t);
  await t.throwsAsync(mount({ source, target, type: 'ext4' }), {
    code: 'EINVAL',
    message: `EINVAL: invalid argument, mount ${source} on '${target}'`,
  });
  await t.throwsAsync(mount({ source, target, type: 'nofs' }), { code: 'ENODEV' });
  await t.throwsAsync(mount({ source: join(scratch, 'nothing'), target, type: 'ext4' }), {
    code: 'ENOENT',
  });
  await t.throwsAsync(mount({ source: scratch, target, type: 'ext4' }), { code: 'ENOTBLK' });
  await t.throwsAsync(mount({ source, target: join(target, 'nothing'), type: 'ext4' }), {
    code: 'ENOENT',
  });
});

test('nothing is left', assertNothingLeft);
