import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { acquireLock } from '../../../vm/lock.ts';
import { until } from '../../support/until.ts';

/** Run `body` with the path of a lock file in a separate directory, which may not exist yet. */
async function withLockFile(body: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'dmts-test-'));
  try {
    await body(join(directory, 'not/yet/there.lock'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test('a second caller learns the holder of the lock and gets it afterwards', (t) =>
  withLockFile(async (path) => {
    const order: string[] = [];
    const first = await acquireLock(path);
    t.is(await readFile(path, 'utf8'), `${process.pid}\n`);
    const second = acquireLock(path, { onWait: (pid) => order.push(`waits for ${pid}`) }).then(
      async (lock) => {
        order.push('second');
        await lock[Symbol.asyncDispose]();
      },
    );
    await until('a second that waits', () => order.length > 0);
    order.push('first lets go');
    await first[Symbol.asyncDispose]();
    await second;
    t.deepEqual(order, [`waits for ${process.pid}`, 'first lets go', 'second']);
  }));

test('an aborted wait does not affect the lock', (t) =>
  withLockFile(async (path) => {
    const abort = new AbortController();
    await using _held = await acquireLock(path);
    const reason = new Error('enough');
    const waiting = acquireLock(path, { signal: abort.signal, onWait: () => abort.abort(reason) });
    t.is(await t.throwsAsync(waiting), reason);
  }));

test('a killed holder releases the lock', (t) =>
  withLockFile(async (path) => {
    const module = new URL('../../../vm/lock.js', import.meta.url).href;
    const script = `
      const { acquireLock } = await import(${JSON.stringify(module)});
      await acquireLock(${JSON.stringify(path)});
      console.log('held');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(holder.stdout, 'data');
    const waited = new Promise<string>((resolve) => {
      void acquireLock(path, {
        onWait: (pid) => {
          resolve(pid);
          holder.kill('SIGKILL');
        },
      }).then((lock) => lock[Symbol.asyncDispose]().then(() => resolve('not held')));
    });
    t.is(await waited, String(holder.pid));
    await using _now = await acquireLock(path);
    t.pass();
  }));
