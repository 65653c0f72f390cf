import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { lockRoot } from '../../src/storage/root-lock.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A process that has the lock, and tells when it does. */
async function holder(root: string): Promise<ChildProcess> {
  const child = spawn(
    'flock',
    ['--nonblock', '--no-fork', root, 'sh', '-c', 'echo mine; exec sleep 1000'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout!, 'data');
  return child;
}

test('a second one is refused, the first is named; when it has gone the lock is free', async (t) => {
  const root = tempDir(t);
  const child = await holder(root);
  t.teardown(() => child.kill('SIGKILL'));
  await t.throwsAsync(lockRoot(root), {
    code: 'ERR_STORAGE_LOCKED',
    message: `${root}: process ${child.pid} has it. Two at once would destroy it: end that one, or wait until it is done`,
  });
  await t.throwsAsync(lockRoot(root), { code: 'ERR_STORAGE_LOCKED' });
});

test('the same process cannot have it twice', async (t) => {
  const root = tempDir(t);
  {
    await using _lock = await lockRoot(root);
    await t.throwsAsync(lockRoot(root), {
      code: 'ERR_STORAGE_LOCKED',
      message: new RegExp(`process ${process.pid} has it`),
    });
  }
  await using again = await lockRoot(root);
  t.is(again.path, root);
});

test('the lock of another directory is another', async (t) => {
  await using one = await lockRoot(tempDir(t));
  await using other = await lockRoot(tempDir(t));
  t.not(one.path, other.path);
});

test('a directory that is not there', async (t) => {
  await t.throwsAsync(lockRoot('/nonexistent/root'), { code: 'ENOENT' });
});
