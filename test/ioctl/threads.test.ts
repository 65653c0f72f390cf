import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type SyscallArgument, syscall } from '../../src/ioctl/libc.ts';
import { callInThread, type ThreadedResult } from '../../src/ioctl/threads.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { holdLock, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, waiters } from './held-lock.ts';

const { EBADF, EINVAL, EINTR, ENOTTY, EWOULDBLOCK } = constants.errno;
/** ioctls of any file: of a regular one FIONREAD gives its size, and TCGETS says ENOTTY. */
const FIONREAD = 0x541b;
const TCGETS = 0x5401;

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}.js`, import.meta.url));
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const round = (ms: number): string => ms.toFixed(2);
const timed = async (action: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await action();
  return performance.now() - begin;
};

const descriptors = (): number => readdirSync('/proc/self/fd').length;
const tasks = (): number => readdirSync('/proc/self/task').length;
/** Have the threads that stay for good running, and no others. */
async function residents(): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, () => callInThread('flock', [-1, LOCK_EX])));
  await sleep(100);
}
/** Wait until something is so, for two seconds at most. */
async function settled(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isSo(); i++) await sleep(10);
}

/** A file of `size` bytes, open for reading. */
function openFileOf(t: ExecutionContext, dir: string, size: number): number {
  const path = join(dir, String(size));
  writeFileSync(path, Buffer.alloc(size));
  const fd = openSync(path, 'r');
  t.teardown(() => closeSync(fd));
  return fd;
}

// The threads are the process's own: one test at a time, or each would measure the others.
const serial = test.serial;

serial('the kernel’s bytes come back, and the lent ones are unusable', async (t) => {
  const fd = openFileOf(t, tempDir(t), 12345);
  const lent = Buffer.alloc(4);
  const { value, errno, bytes } = await callInThread('ioctl', [fd, FIONREAD, lent]);
  t.deepEqual([value, errno], [0, 0]);
  t.is(bytes.length, 1);
  t.true(Buffer.isBuffer(bytes[0]));
  t.is(new Int32Array(new Uint8Array(bytes[0]!).buffer)[0], 12345);
  t.is(lent.byteLength, 0);
});

serial('a view of a buffer comes back as that view', async (t) => {
  const fd = openFileOf(t, tempDir(t), 77);
  const whole = new Uint8Array(16).fill(0xee);
  const { bytes } = await callInThread('ioctl', [fd, FIONREAD, whole.subarray(8, 12)]);
  t.is(bytes[0]?.byteOffset, 8);
  t.is(bytes[0]?.byteLength, 4);
  t.is(Buffer.from(bytes[0]!.buffer).toString('hex', 0, 8), 'ee'.repeat(8));
  t.is(new Int32Array(bytes[0]!.buffer, 8, 1)[0], 77);
});

serial('200 calls at once each get their own answer, bytes and errno', async (t) => {
  const dir = tempDir(t);
  const file = openFileOf(t, dir, 0);
  const kinds = [
    async (size: number): Promise<void> => {
      const fd = openFileOf(t, dir, size);
      const { value, errno, bytes } = await callInThread('ioctl', [fd, FIONREAD, Buffer.alloc(4)]);
      t.deepEqual([value, errno, new Int32Array(bytes[0]!.buffer)[0]], [0, 0, size]);
    },
    async (): Promise<void> => {
      const result = await callInThread('flock', [-1, LOCK_EX]);
      t.deepEqual(result, { value: -1, errno: EBADF, bytes: [] });
    },
    async (): Promise<void> => {
      const result = await callInThread('ioctl', [file, TCGETS, Buffer.alloc(64, 7)]);
      t.deepEqual(result, { value: -1, errno: ENOTTY, bytes: [Buffer.alloc(64, 7)] });
    },
    async (): Promise<void> => {
      const result = await callInThread('lseek', [file, 0, 99]);
      t.deepEqual(result, { value: -1, errno: EINVAL, bytes: [] });
    },
    async (offset: number): Promise<void> => {
      const { value } = await callInThread('lseek', [file, offset, 0]);
      t.is(value, offset);
    },
  ];
  const calls = Array.from({ length: 200 }, (_, i) => kinds[i % kinds.length]!(i + 1));
  await Promise.all(calls);
});

serial('any bytes of any size come back as the kernel left them', async (t) => {
  const fd = openFileOf(t, tempDir(t), 3);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 64, maxLength: 5000 }), async (bytes) => {
      const copy = Buffer.from(bytes);
      const { errno, bytes: back } = await callInThread('ioctl', [fd, TCGETS, bytes]);
      t.is(errno, ENOTTY);
      t.true(back[0]?.equals(copy));
    }),
    { numRuns: 50 },
  );
});

serial('while eight calls are stuck, timers are on time and files are read', async (t) => {
  const { path, stick } = holdLock(t);
  await stick(8);
  t.is(waiters(path), 8);
  const late: number[] = [];
  for (let i = 0; i < 60; i++) late.push((await timed(() => sleep(5))) - 5);
  const reads: number[] = [];
  for (let i = 0; i < 20; i++) reads.push(await timed(() => readFile('/proc/self/stat')));
  const p95 = late.toSorted((a, b) => a - b)[56]!;
  t.log(`5 ms timer late by ${round(median(late))} ms (95 %: ${round(p95)})`);
  t.log(`fs.readFile takes ${round(median(reads))} ms`);
  t.true(median(late) < 20);
  t.true(median(reads) < 50);
  t.is(waiters(path), 8);
});

serial('aborting a stuck call ends it soon, and it alone', async (t) => {
  const { path, stick } = holdLock(t);
  const [other] = (await stick(1)).calls;
  const took: number[] = [];
  for (let i = 0; i < 9; i++) {
    const controller = new AbortController();
    const [call] = (await stick(1, controller.signal)).calls;
    took.push(
      await timed(async () => {
        controller.abort();
        t.deepEqual(await call, { value: -1, errno: EINTR, bytes: [] });
      }),
    );
  }
  t.log(`aborted after ${round(median(took))} ms, ${round(Math.max(...took))} ms at most`);
  t.true(median(took) < 100);
  t.is(waiters(path), 1);
  t.is(await Promise.race([other, sleep(20, 'still stuck')]), 'still stuck');
});

serial('a call that is aborted before its thread has taken it up is not made', async (t) => {
  const { path, owner } = holdLock(t);
  for (const patience of [0, 1, 2, 3, 5]) {
    const controller = new AbortController();
    const call = callInThread('flock', [owner, LOCK_EX], controller.signal);
    if (patience > 0) await sleep(patience);
    controller.abort();
    const result = await call.catch((error: Error) => error);
    // Taken up or not, it comes to an end.
    t.true(result instanceof Error || result.value === 0 || result.errno === EINTR);
  }
  t.is(waiters(path), 0);
});

serial('a signal that is aborted already: no call, and the bytes stay', async (t) => {
  const { path, owner } = holdLock(t);
  const reason = new Error('not wanted');
  const lent = Buffer.alloc(8);
  const error = await t.throwsAsync(
    callInThread('flock', [owner, LOCK_UN, lent], AbortSignal.abort(reason)),
  );
  t.is(error, reason);
  t.is(lent.byteLength, 8);
  const another = openSync(path, 'a');
  t.teardown(() => closeSync(another));
  t.is(syscall('flock', [another, LOCK_EX | LOCK_NB]).errno, EWOULDBLOCK);
});

for (const count of [4, 8, 20]) {
  serial(`the call that frees ${count} stuck ones gets through`, async (t) => {
    const { owner, stick } = holdLock(t);
    const { calls: stuck } = await stick(count);
    const ms = await timed(() => callInThread('flock', [owner, LOCK_UN]));
    t.log(`got through after ${round(ms)} ms`);
    t.true(ms < 1000);
    for (const { value } of await Promise.all(stuck)) t.is(value, 0);
  });
}

serial('a call that waited for a thread leaves nothing at its signal', async (t) => {
  const { owner, another, stick } = holdLock(t);
  const { calls: stuck } = await stick(4);
  const { signal } = new AbortController();
  const waiting = callInThread('flock', [another(), LOCK_SH], signal);
  t.is(getEventListeners(signal, 'abort').length, 1);
  await callInThread('flock', [owner, LOCK_UN]);
  t.is((await waiting).value, 0);
  t.is(getEventListeners(signal, 'abort').length, 0);
  await Promise.all(stuck);
});

serial('a call that waits for a thread can be aborted', async (t) => {
  const { owner, another, stick, free } = holdLock(t);
  await stick(4);
  // Each of these will need a thread of its own; one behind them all comes to it after 600 ms.
  const queued = Array.from({ length: 30 }, () => callInThread('flock', [another(), LOCK_SH]));
  const lent = Buffer.alloc(8);
  const ms = await timed(() =>
    t.throwsAsync(callInThread('flock', [owner, LOCK_UN, lent], AbortSignal.timeout(10)), {
      any: true,
      message: /timeout/,
    }),
  );
  t.log(`aborted after ${round(ms)} ms`);
  t.true(ms < 200);
  t.is(lent.byteLength, 8);
  free();
  for (const { value } of await Promise.all(queued)) t.is(value, 0);
});

const MISUSES = [
  ['bytes that are lent already', 'TypeError', (): SyscallArgument[] => [0, TCGETS, detached()]],
  ['the same bytes twice', 'DataCloneError', (): SyscallArgument[] => [0, TCGETS, ...twice()]],
  ['a descriptor that is a string', 'TypeError', (): SyscallArgument[] => ['x', LOCK_NB, null]],
] as const;

for (const [title, name, args] of MISUSES) {
  serial(`${title}: the call rejects, and costs no thread`, async (t) => {
    await residents();
    const before = tasks();
    for (let i = 0; i < 20; i++) {
      await t.throwsAsync(callInThread('ioctl', args()), { any: true, name });
      t.is((await callInThread('flock', [-1, LOCK_EX])).errno, EBADF);
    }
    await settled(() => tasks() <= before);
    t.true(tasks() <= before, `${before} threads before, ${tasks()} after`);
  });
}

function twice(): Buffer[] {
  const bytes = Buffer.alloc(64);
  return [bytes, bytes.subarray(8)];
}

function detached(): Buffer {
  const bytes = Buffer.alloc(64);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

serial('threads that a burst needed are let go after it', async (t) => {
  const { stick, free } = holdLock(t);
  await residents();
  const before = tasks();
  const { calls: stuck } = await stick(12);
  t.true(tasks() >= before + 8);
  free();
  await Promise.all(stuck);
  await settled(() => tasks() <= before);
  t.true(tasks() <= before, `${before} threads before, ${tasks()} after`);
});

serial('2,000 calls one after another leave no descriptor and no thread behind', async (t) => {
  const fd = openFileOf(t, tempDir(t), 5);
  const call = (): Promise<ThreadedResult> =>
    callInThread('ioctl', [fd, FIONREAD, Buffer.alloc(4)]);
  for (let i = 0; i < 50; i++) await call();
  const before = [descriptors(), tasks()];
  const took: number[] = [];
  for (let i = 0; i < 2000; i++) took.push(await timed(call));
  t.deepEqual([descriptors(), tasks()], before);
  t.log(`a round trip takes ${Math.round(median(took) * 1000)} µs`);
});

serial(
  'process.exit with a stuck call ends the process within a second, status kept',
  async (t) => {
    const { path } = holdLock(t);
    const child = spawn(process.execPath, [fixture('stuck-call'), path, 'exit'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    const begin = performance.now();
    t.deepEqual(await Promise.race([exited, sleep(5000, 'still running')]), [7, null]);
    const ms = performance.now() - begin;
    t.log(`ended after ${round(ms)} ms`);
    t.true(ms < 1000);
    t.is(waiters(path), 0);
  },
);

serial('a process waits for its call, and ends by itself when that has come back', async (t) => {
  const { path, free } = holdLock(t);
  const child = spawn(process.execPath, [fixture('stuck-call'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const output = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  t.is((await output.next()).value, 'stuck\n');
  t.is(await Promise.race([exited, sleep(300, 'alive')]), 'alive');
  free();
  t.is((await output.next()).value, '0\n');
  // Nothing calls process.exit there: an idle thread that is kept referenced would run into this limit.
  t.deepEqual(await Promise.race([exited, sleep(5000, 'idle, and still running')]), [0, null]);
});

serial('a garbage collection during calls leaves their bytes alone', async (t) => {
  const { path, free } = holdLock(t);
  const child = spawn(process.execPath, ['--expose-gc', fixture('collect-garbage'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const output = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  t.is((await output.next()).value, 'collected\n');
  t.is(waiters(path), 1);
  free();
  t.is((await output.next()).value, 'intact\n');
  t.deepEqual(await exited, [0, null]);
});

serial(
  'a handler for the signal that somebody installs later does not make calls deaf to it',
  async (t) => {
    const { stick } = holdLock(t);
    const ignore = (): void => {};
    process.on('SIGURG', ignore);
    t.teardown(() => process.off('SIGURG', ignore));
    const controller = new AbortController();
    const [call] = (await stick(1, controller.signal)).calls;
    controller.abort();
    const result = await Promise.race([call, sleep(2000, 'still stuck')]);
    t.deepEqual(result, { value: -1, errno: EINTR, bytes: [] });
  },
);
