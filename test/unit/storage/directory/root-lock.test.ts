import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { lockRoot } from '../../../../src/storage/directory/root-lock.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** A process that takes the lock and reports it. */
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

test('a second process is rejected with the process id of the first; the lock is free after its end', async (t) => {
  const root = tempDir(t);
  const child = await holder(root);
  t.teardown(() => child.kill('SIGKILL'));
  await t.throwsAsync(lockRoot(root), {
    code: 'ERR_STORAGE_LOCKED',
    message: `${root}: process ${child.pid} has it open. End that process, or wait until it has closed the directory`,
  });
  await t.throwsAsync(lockRoot(root), { code: 'ERR_STORAGE_LOCKED' });
});

test('the same process cannot take the lock twice', async (t) => {
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

test('another directory has another lock', async (t) => {
  await using one = await lockRoot(tempDir(t));
  await using other = await lockRoot(tempDir(t));
  t.not(one.path, other.path);
});

test('a missing directory', async (t) => {
  await t.throwsAsync(lockRoot('/nonexistent/root'), { code: 'ENOENT' });
});
