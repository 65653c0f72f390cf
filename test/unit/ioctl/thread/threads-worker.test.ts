// Calls from a worker of the caller, such as one of a pool or a test runner.

import test from 'ava';
import { startFixture } from '../../../support/ioctl/fixture-process.ts';
import { holdLock, waiters } from '../../../support/ioctl/held-lock.ts';

// Each process has several threads, so the tests run one at a time.
const { serial } = test;

for (const end of ['terminate', 'exit of the process', 'exit of the worker']) {
  for (const count of [1, 8]) {
    serial(`${end} ends a worker with ${count} blocked calls, and the process`, async (t) => {
      const { path } = holdLock(t);
      const child = startFixture(t, 'stuck-worker', { args: [path, String(count), end] });
      t.is(await child.end(), 7);
      t.is(waiters(path), 0);
    });
  }
}

serial('a terminated worker ends after its call thread has loaded koffi', async (t) => {
  const child = startFixture(t, 'worker-ended-during-turn');
  t.is(await child.line(), 'turn');
  t.is(await child.end(), 0);
});

serial('a worker can be terminated while its call threads are loading koffi', async (t) => {
  const child = startFixture(t, 'worker-ended-while-loading');
  t.is(await child.end(), 0);
});

serial('a call that is interrupted because its worker was busy is repeated', async (t) => {
  const { path, free } = holdLock(t);
  const child = startFixture(t, 'busy-worker', { args: [path] });
  t.is(await child.line(), 'interrupted');
  t.is(await child.line(), 'waits again');
  free();
  t.deepEqual(JSON.parse((await child.line()) ?? ''), {
    value: 0,
    errno: 0,
    bytes: 'as they were',
  });
  t.is(await child.end(), 0);
});

serial('a worker has a kernel timer during a call, and none when it is idle', async (t) => {
  const { path, free } = holdLock(t);
  const child = startFixture(t, 'idle-worker', { args: [path] });
  t.is(await child.line(), '1');
  free();
  t.is(await child.line(), '0');
  t.is(await child.end(), 0);
});

serial('a call of a worker works if the kernel refuses a timer', async (t) => {
  const { path, free } = holdLock(t);
  const through = ['prlimit', '--sigpending=0'];
  const child = startFixture(t, 'idle-worker', { args: [path], through });
  t.is(await child.line(), '0');
  free();
  t.is(await child.line(), '0');
  t.is(await child.end(), 0);
});
