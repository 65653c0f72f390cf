import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { type FlockOptions, lockFile } from '../../../../src/ioctl/file/flock.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** Timeout of a lock that becomes free much earlier. */
const LONG_MS = 120_000;

const lockPath = (t: ExecutionContext): string => join(tempDir(t), 'lock');
const descriptors = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return statSync(`/proc/self/fd/${fd}`).ino === statSync(path).ino;
    } catch {
      return false; // The descriptor that read the directory is closed by now.
    }
  }).length;

/** Another process that holds the lock on `path`. */
async function holder(
  t: ExecutionContext,
  path: string,
  mode: 'shared' | 'exclusive' = 'exclusive',
): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../../../fixtures/hold-lock.js', import.meta.url));
  const child = spawn(process.execPath, [program, path, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

const SHARED: FlockOptions = { shared: true };
const COMPATIBLE = [
  ['exclusive', {}, 'exclusive', {}, false],
  ['exclusive', {}, 'shared', SHARED, false],
  ['shared', SHARED, 'exclusive', {}, false],
  ['shared', SHARED, 'shared', SHARED, true],
] as const;

for (const [held, first, wanted, second, both] of COMPATIBLE) {
  const title = `${wanted} beside ${held}: ${both ? 'both hold it' : 'EAGAIN'}`;

  test(`${title}, in one process`, async (t) => {
    const path = lockPath(t);
    await using _held = await lockFile(path, first);
    if (both) {
      await using other = await lockFile(path, second);
      t.is(other.path, path);
      t.is(descriptors(path), 2);
    } else {
      await t.throwsAsync(lockFile(path, second), {
        name: 'SyscallError',
        code: 'EAGAIN',
        message: `EAGAIN: resource temporarily unavailable, flock '${path}'`,
      });
      t.is(descriptors(path), 1);
    }
  });

  test(`${title}, across processes`, async (t) => {
    const path = lockPath(t);
    await holder(t, path, held);
    if (both) await (await lockFile(path, second)).release();
    else await t.throwsAsync(lockFile(path, second), { code: 'EAGAIN' });
    t.is(descriptors(path), 0);
  });
}

test('lockFile creates a private file, and keeps the content of an existing one', async (t) => {
  const path = lockPath(t);
  await (await lockFile(path)).release();
  t.is(statSync(path).mode & 0o777, 0o600);
  writeFileSync(path, 'kept');
  await (await lockFile(path)).release();
  t.is(readFileSync(path, 'utf8'), 'kept');
});

test('disposal releases the lock, and a second release does nothing', async (t) => {
  const path = lockPath(t);
  {
    await using lock = await lockFile(path);
    await lock.release();
    await lock.release();
  }
  {
    await using _lock = await lockFile(path);
    t.is(descriptors(path), 1);
  }
  t.is(descriptors(path), 0);
  await (await lockFile(path)).release();
});

test.serial('lockFile waits for the timeout and no longer', async (t) => {
  const path = lockPath(t);
  await using _held = await lockFile(path);
  const { now, sleeps } = fakeClock(t);
  await t.throwsAsync(lockFile(path, { timeout: 200 }), { code: 'EAGAIN' });
  t.is(now(), 200);
  t.true(sleeps.length > 1, 'it retries in between');
  t.is(descriptors(path), 1);
});

test.serial('lockFile succeeds when the lock is released within the timeout', async (t) => {
  const path = lockPath(t);
  const held = await lockFile(path);
  const { sleeps } = fakeClock(t, (before) => (before === 3 ? held.release() : undefined));
  await (await lockFile(path, { timeout: 10_000 })).release();
  t.is(sleeps.length, 4);
  t.is(descriptors(path), 0);
});

test.serial('waiting for a lock can be aborted', async (t) => {
  const path = lockPath(t);
  await using _held = await lockFile(path);
  const abort = new AbortController();
  const reason = new Error('enough');
  const { now } = fakeClock(t, () => abort.abort(reason));
  const wanted = lockFile(path, { timeout: 10_000, signal: abort.signal });
  t.is(await t.throwsAsync(wanted), reason);
  t.is(now(), 0);
  t.is(descriptors(path), 1);
});

test('an already aborted signal takes no lock', async (t) => {
  const path = lockPath(t);
  const reason = new Error('not wanted');
  t.is(await t.throwsAsync(lockFile(path, { signal: AbortSignal.abort(reason) })), reason);
  t.is(descriptors(path), 0);
});

test('of ten concurrent callers one at a time holds the lock', async (t) => {
  const path = lockPath(t);
  let holders = 0;
  let most = 0;
  const want = async (): Promise<void> => {
    await using _lock = await lockFile(path, { timeout: LONG_MS });
    most = Math.max(most, ++holders);
    await sleep(1);
    holders--;
  };
  await Promise.all(Array.from({ length: 10 }, want));
  t.is(most, 1);
});

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`the lock of a process killed by ${signal} is released`, async (t) => {
    const path = lockPath(t);
    const child = await holder(t, path);
    await t.throwsAsync(lockFile(path), { code: 'EAGAIN' });
    const wanted = lockFile(path, { timeout: LONG_MS });
    child.kill(signal);
    await (await wanted).release();
    t.pass();
  });
}

test('lockFile waits for another process to release the lock', async (t) => {
  const path = lockPath(t);
  const child = await holder(t, path);
  const exited = once(child, 'exit');
  const wanted = lockFile(path, { timeout: LONG_MS });
  child.stdin?.end();
  await (await wanted).release();
  t.deepEqual(await exited, [0, null]);
});

test('an error from opening the file is thrown unchanged', async (t) => {
  const dir = tempDir(t);
  await t.throwsAsync(lockFile(dir), { code: 'EISDIR' });
  await t.throwsAsync(lockFile(join(dir, 'not', 'there')), { code: 'ENOENT' });
});
