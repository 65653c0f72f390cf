// The exit of a process while calls are running.

import test from 'ava';
import { startFixture } from '../../../support/ioctl/fixture-process.ts';
import { holdLock, waiters } from '../../../support/ioctl/held-lock.ts';

// The processes have up to 20 threads each, so the tests run one at a time.
const { serial } = test;

for (const count of [1, 20]) {
  serial(`process.exit with ${count} blocked calls ends the process with its status`, async (t) => {
    const { path } = holdLock(t);
    const child = startFixture(t, 'stuck-call', { args: [path, String(count), 'exit'] });
    t.is(await child.line(), 'stuck');
    t.is(await child.end(), 7);
    t.is(waiters(path), 0);
  });
}

serial('process.exit waits for a thread that is loading koffi', async (t) => {
  t.is(await startFixture(t, 'exit-during-turn').end(), 7);
});

for (const delay of [0, 2, 5, 10, 15, 20, 30, 40]) {
  serial(
    `process.exit ${delay} ms after call threads start loading keeps the status`,
    async (t) => {
      const { path } = holdLock(t);
      const child = startFixture(t, 'exit-while-loading', { args: [path, String(delay)] });
      t.is(await child.end(), 7);
    },
  );
}

serial(
  'a process waits for its call, and exits by itself when the call has returned',
  async (t) => {
    const { path, free } = holdLock(t);
    const child = startFixture(t, 'stuck-call', { args: [path] });
    t.is(await child.line(), 'stuck');
    free();
    t.is(await child.line(), '0');
    // The process does not call process.exit: a referenced idle thread would keep it alive.
    t.is(await child.end(), 0);
  },
);

serial('a garbage collection during calls does not change their bytes', async (t) => {
  const { path, free } = holdLock(t);
  const child = startFixture(t, 'collect-garbage', { args: [path], execArgv: ['--expose-gc'] });
  t.is(await child.line(), 'collected');
  t.is(waiters(path), 1);
  free();
  t.is(await child.line(), 'intact');
  t.is(await child.end(), 0);
});
