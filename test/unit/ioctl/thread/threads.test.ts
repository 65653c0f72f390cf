import { getEventListeners } from 'node:events';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import {
  makeSignalInterrupt,
  type SyscallArgument,
  syscall,
} from '../../../../src/ioctl/libc/libc.ts';
import { callInThread, callOnceInThread } from '../../../../src/ioctl/thread/threads.ts';
import { becomes, comes } from '../../../support/comes.ts';
import {
  type CallThreads,
  threadIds,
  watchCallThreads,
} from '../../../support/ioctl/call-threads.ts';
import {
  holdLock,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  waiters,
} from '../../../support/ioctl/held-lock.ts';
import { FIONREAD, openFileOf, TCGETS } from '../../../support/ioctl/open-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const { EBADF, EINVAL, EINTR, ENOTTY, EWOULDBLOCK } = constants.errno;
const { SIGURG } = constants.signals;
/** Number of threads that stay: `stay` in threads.ts. */
const RESIDENT = 4;
/** Number of threads of libuv's pool, which run Node's file system calls. */
const LIBUV_THREADS = 4;

// The threads belong to the process: concurrent tests would measure each other.
const serial = test.serial;
const threads: CallThreads = watchCallThreads();

/** Start the threads that stay, and wait until no others run. */
async function residents(): Promise<void> {
  await Promise.all(Array.from({ length: RESIDENT }, () => callInThread('flock', [-1, LOCK_EX])));
  await becomes('four idle threads', () => threads.running === RESIDENT);
}

serial('200 concurrent calls each get their own result, bytes and errno', async (t) => {
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

serial('while eight calls are blocked, timers fire and files are read', async (t) => {
  const { path, stick } = holdLock(t);
  await stick(2 * LIBUV_THREADS);
  const reads = Array.from({ length: 20 }, () => readFile('/proc/self/stat'));
  await comes('20 files', Promise.all(reads));
  await comes('a timer', sleep(1));
  // No call has returned meanwhile.
  t.is(waiters(path), 2 * LIBUV_THREADS);
});

serial('aborting a blocked call ends only that call', async (t) => {
  const { path, stick } = holdLock(t);
  const [other] = (await stick(1)).calls;
  for (let i = 0; i < 9; i++) {
    const controller = new AbortController();
    const [call] = (await stick(1, controller.signal)).calls;
    t.is(waiters(path), 2);
    controller.abort();
    t.deepEqual(await comes('the aborted call', call!), { value: -1, errno: EINTR, bytes: [] });
    t.is(waiters(path), 1);
  }
  t.is(await Promise.race([other, turn('still stuck')]), 'still stuck');
});

serial('a call that is aborted before its thread has received it is not made', async (t) => {
  const { path, owner } = holdLock(t);
  for (const patience of [0, 1, 2, 3, 5]) {
    const controller = new AbortController();
    const call = callInThread('flock', [owner, LOCK_EX], controller.signal);
    if (patience > 0) await sleep(patience);
    controller.abort();
    const result = await call.catch((error: Error) => error);
    // Received or not, the call ends.
    t.true(result instanceof Error || result.value === 0 || result.errno === EINTR);
  }
  t.is(waiters(path), 0);
});

serial('an already aborted signal prevents the call, and the bytes stay usable', async (t) => {
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

for (const count of [RESIDENT, 8, 20]) {
  serial(`the call that unblocks ${count} blocked ones is made`, async (t) => {
    const { owner, stick } = holdLock(t);
    const { calls: stuck } = await stick(count);
    await comes('the call that frees them', callInThread('flock', [owner, LOCK_UN]));
    for (const { value } of await comes('the freed calls', Promise.all(stuck))) t.is(value, 0);
  });
}

serial('a call that waited for a thread leaves no listener on its signal', async (t) => {
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
  await stick(RESIDENT);
  // Each of these needs its own thread, and the aborted call is queued after all of them.
  const queued = Array.from({ length: 30 }, () => callInThread('flock', [another(), LOCK_SH]));
  const lent = Buffer.alloc(8);
  const controller = new AbortController();
  const call = callInThread('flock', [owner, LOCK_UN, lent], controller.signal);
  const reason = new Error('not wanted');
  controller.abort(reason);
  const outcome = call.catch((error: unknown) => error);
  t.is(await Promise.race([outcome, turn('still waiting')]), reason);
  t.is(lent.byteLength, 8);
  free();
  for (const { value } of await comes('the queued calls', Promise.all(queued))) t.is(value, 0);
});

const MISUSES = [
  ['bytes that are lent already', (): SyscallArgument[] => [0, TCGETS, detached()]],
  ['no bytes', (): SyscallArgument[] => [0, TCGETS, Buffer.alloc(0)]],
  [
    'a part of bytes that is empty',
    (): SyscallArgument[] => [0, TCGETS, Buffer.alloc(8).subarray(8)],
  ],
  ['a descriptor that is a string', (): SyscallArgument[] => ['x', LOCK_NB, null]],
] as const;

for (const [title, args] of MISUSES) {
  serial(`${title}: the call rejects and leaves its thread usable`, async (t) => {
    await residents();
    const { started } = threads;
    for (let i = 0; i < 20; i++) {
      await t.throwsAsync(callInThread('ioctl', args()), { instanceOf: TypeError });
      t.is((await callInThread('flock', [-1, LOCK_EX])).errno, EBADF);
    }
    t.is(threads.started, started);
    t.is(threads.running, RESIDENT);
  });
}

function detached(): Buffer {
  const bytes = Buffer.alloc(64);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

serial('a call whose thread ends rejects, and the thread is replaced', async (t) => {
  await residents();
  const { stick, free } = holdLock(t);
  const [call] = (await stick(1)).calls;
  const outcome = t.throwsAsync(call!, {
    message: 'cannot make the system call: its thread has ended',
  });
  const ended = threads.terminate();
  free();
  await comes('the end of the threads', Promise.all([ended, outcome]));
  const { started } = threads;
  await residents();
  t.is(threads.started, started + RESIDENT);
});

serial('threads that a burst of calls needed end after it', async (t) => {
  const { stick, free } = holdLock(t);
  await residents();
  const { calls: stuck } = await stick(12);
  t.true(threads.running >= 12);
  free();
  await comes('the freed calls', Promise.all(stuck));
  await becomes('four idle threads', () => threads.running === RESIDENT);
});

serial('2,000 calls one after another leave no descriptor and start no thread', async (t) => {
  const fd = openFileOf(t, tempDir(t), 5);
  await residents();
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const before = [descriptors(), threads.started];
  for (let i = 0; i < 2000; i++) await callInThread('ioctl', [fd, FIONREAD, Buffer.alloc(4)]);
  t.deepEqual([descriptors(), threads.started], before);
});

/** Each takes less than a millisecond. */
const SHORT_CALLS = 20_000;

serial(`${SHORT_CALLS} short calls at once share the threads that stay`, async (t) => {
  await residents();
  const { started } = threads;
  const calls = Array.from({ length: SHORT_CALLS }, () => callInThread('flock', [-1, LOCK_EX]));
  for (const { errno } of await Promise.all(calls)) t.is(errno, EBADF);
  // A machine that stands still for a moment makes calls starve. A thread for each moment of waiting would be dozens.
  t.true(threads.started - started < RESIDENT, `${threads.started - started} more threads`);
});

serial('calls that wait with one signal put one listener on it', async (t) => {
  const { stick, free } = holdLock(t);
  const { signal } = new AbortController();
  const { calls } = await stick(12, signal);
  t.is(getEventListeners(signal, 'abort').length, 1);
  free();
  await comes('the freed calls', Promise.all(calls));
});

serial('2,000 calls with one signal leave no listener on it', async (t) => {
  const { signal } = new AbortController();
  for (let i = 0; i < 2000; i++) await callInThread('flock', [-1, LOCK_EX], signal);
  t.is(getEventListeners(signal, 'abort').length, 0);
});

serial('a call that another signal interrupts is repeated', async (t) => {
  const { path, another, stick, free } = holdLock(t);
  const [repeated] = (await stick(1)).calls;
  const once = callOnceInThread('flock', [another(), LOCK_SH]);
  await becomes('two stuck calls', () => waiters(path) === 2);
  let isBack = false;
  void once.then(() => {
    isBack = true;
  });
  makeSignalInterrupt(SIGURG);
  await becomes('an interrupted call', () => {
    for (const thread of threadIds()) syscall('tgkill', [process.pid, thread, SIGURG]);
    return isBack;
  });
  // Both calls have received the signal.
  t.deepEqual(await once, { value: -1, errno: EINTR, bytes: [] });
  await becomes('a call that is stuck again', () => waiters(path) === 1);
  free();
  t.is((await comes('the freed call', repeated!)).value, 0);
});

serial(
  'a handler for the signal that is installed later does not prevent interruption',
  async (t) => {
    const { stick } = holdLock(t);
    const ignore = (): void => {};
    process.on('SIGURG', ignore);
    t.teardown(() => process.off('SIGURG', ignore));
    const controller = new AbortController();
    const [call] = (await stick(1, controller.signal)).calls;
    controller.abort();
    t.deepEqual(await comes('the aborted call', call!), { value: -1, errno: EINTR, bytes: [] });
  },
);
