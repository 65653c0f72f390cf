import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { findHolders, formatHolder } from '../../../src/block/holders.ts';
import { mount, unmount } from '../../../src/ioctl/file/mount.ts';
import {
  assertNothingLeft,
  attach,
  MiB,
  scratch,
  sparseFile,
  unmountAfter,
} from '../../support/kernel/loops.ts';

const holdersOf = async (path: string): Promise<readonly string[]> =>
  (await findHolders(statSync(path, { bigint: true }).rdev)).map(formatHolder);

async function ext4On(t: ExecutionContext, name: string) {
  const file = sparseFile(16 * MiB);
  execFileSync('mkfs.ext4', ['-q', file]);
  const { path } = await attach(t, file);
  const target = join(scratch, name);
  mkdirSync(target);
  return { path, target };
}

test('no holder', async (t) => {
  const { path } = await attach(t, sparseFile());
  t.deepEqual(await holdersOf(path), []);
});

test('an open descriptor', async (t) => {
  const { path } = await attach(t, sparseFile());
  const fd = openSync(path, 'r');
  t.deepEqual(await holdersOf(path), [`open in pid ${process.pid} (node) as descriptor ${fd}`]);
  closeSync(fd);
  t.deepEqual(await holdersOf(path), []);
});

test('a loop device, and a mount', async (t) => {
  const { path, target } = await ext4On(t, 'below a loop');
  const above = await attach(t, path, { directIo: false });
  t.deepEqual(await holdersOf(path), [`the backing file of loop${above.number}`]);
  unmountAfter(t, target);
  await mount({ source: above.path, target, type: 'ext4' });
  t.deepEqual(await holdersOf(above.path), [`mounted on ${target}`]);
});

test('a mount that exists only in another namespace', async (t) => {
  const { path, target } = await ext4On(t, 'elsewhere');
  unmountAfter(t, target);
  await mount({ source: path, target, type: 'ext4' });
  const other = spawn('unshare', ['--mount', '--propagation', 'private', 'sleep', '600']);
  const own = statSync('/proc/self/ns/mnt').ino;
  while (statSync(`/proc/${other.pid}/ns/mnt`).ino === own) await delay(10);
  while (readFileSync(`/proc/${other.pid}/comm`, 'utf8') !== 'sleep\n') await delay(10);
  await unmount(target);
  t.deepEqual(await holdersOf(path), [
    `mounted on ${target} by pid ${other.pid} (sleep), in another mount namespace`,
  ]);
  const ended = new Promise((resolve) => other.once('exit', resolve));
  other.kill();
  await ended;
  t.deepEqual(await holdersOf(path), []);
});

test('swap', async (t) => {
  const file = sparseFile();
  execFileSync('mkswap', ['-q', file]);
  const { path } = await attach(t, file);
  execFileSync('swapon', [path]);
  try {
    t.deepEqual(await holdersOf(path), [`swap space, as ${path}`]);
  } finally {
    execFileSync('swapoff', [path]);
  }
});

test('nothing is left', assertNothingLeft);
