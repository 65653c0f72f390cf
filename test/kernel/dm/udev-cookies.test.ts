// Cookies: the library waits for udev with a time limit, and no semaphore outlives the call.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { linear, zero } from '../../../src/dm/targets/index.ts';
import { type DeviceMapper, UdevTimeoutError } from '../../../src/index.ts';
import {
  openDm,
  output,
  removeAfter,
  scratchDevice,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import { useUdevd } from '../../support/kernel/udevd.ts';

const CLI = fileURLToPath(new URL('../../../../dist/cli/main.cjs', import.meta.url));
const INDEX = fileURLToPath(new URL('../../../src/index.js', import.meta.url));
const TARGETS = fileURLToPath(new URL('../../../src/dm/targets/index.js', import.meta.url));
const ROUNDS = 60;
const TIMEOUT_MS = 1500;

useUdevd(test);

/** The semaphore sets of the system, one per line. */
const semaphores = (): readonly string[] =>
  readFileSync('/proc/sysvipc/sem', 'utf8').trim().split('\n').slice(1);

test(`${ROUNDS} times create, rename and remove leave no semaphore, and udev's links are right`, async (t) => {
  // nodes: false, so that udev creates every name.
  const dm = await openDm(t, { nodes: false });
  const disk = await scratchLoop(t);
  for (let i = 0; i < ROUNDS; i++) {
    const name = uniqueName();
    removeAfter(t, name);
    const table = [linear({ length: 2048, device: disk })];
    const device = await dm.create(name, { table });
    t.is(BigInt(statSync(`/dev/mapper/${name}`).rdev), device.dev);
    const renamed = `${name}-renamed`;
    removeAfter(t, renamed);
    await dm.rename(name, renamed);
    t.is(BigInt(statSync(`/dev/mapper/${renamed}`).rdev), device.dev);
    t.false(existsSync(`/dev/mapper/${name}`));
    await dm.remove(renamed, { retryMs: 10_000 });
    t.false(existsSync(`/dev/mapper/${renamed}`));
  }
  t.deepEqual(semaphores(), []);
});

/** Stop udevd and continue it, at the latest when the test ends. */
function udevd(t: ExecutionContext) {
  const signal = (name: string): void => {
    execFileSync('kill', [`-${name}`, ...output('pidof', 'systemd-udevd').trim().split(' ')]);
  };
  t.teardown(() => signal('CONT'));
  return {
    stop: () => signal('STOP'),
    goOn: () => {
      signal('CONT');
      output('udevadm', 'settle', '--timeout=60');
    },
  };
}

/** Check that the device serves reads by its own node, regardless of udev. */
async function isUsable(t: ExecutionContext, dm: DeviceMapper, name: string): Promise<void> {
  const { path, live } = await dm.info(name);
  t.true(live);
  t.is(execFileSync('dd', [`if=${path}`, 'bs=512', 'count=1'], { stdio: 'pipe' }).length, 512);
}

test('stopped udevd: each call ends after the time limit, and the device works', async (t) => {
  const dm = await openDm(t, { udev: { timeoutMs: TIMEOUT_MS } });
  const { stop, goOn } = udevd(t);
  const name = uniqueName();
  const renamed = `${name}-renamed`;
  removeAfter(t, name);
  removeAfter(t, renamed);
  stop();
  const calls = [
    ['create', () => dm.create(name, { table: [zero({ length: 2048 })] }), name],
    ['rename', () => dm.rename(name, renamed), renamed],
    ['remove', () => dm.remove(renamed, { retryMs: 10_000 }), undefined],
  ] as const;
  for (const [what, call, left] of calls) {
    const error = await t.throwsAsync(call, {
      instanceOf: UdevTimeoutError,
      code: 'ETIMEDOUT',
      message: /udev did not finish with .* within 1500 ms\. The change itself is done/,
    });
    t.log(`${what}:`, error?.message);
    t.deepEqual(semaphores(), []);
    if (left !== undefined) await isUsable(t, dm, left);
  }
  t.deepEqual([await dm.exists(name), await dm.exists(renamed)], [false, false]);
  goOn();
});

test('udevd stopped during a call: the call ends, no semaphore remains, the device works', async (t) => {
  const dm = await openDm(t, { udev: { timeoutMs: TIMEOUT_MS } });
  /** For calls while udevd runs: on a busy machine it takes longer. */
  const patient = await openDm(t);
  const { stop, goOn } = udevd(t);
  const ends: string[] = [];
  for (const afterMs of [0, 4, 8, 12, 16, 24, 32, 48, 64]) {
    const name = uniqueName();
    removeAfter(t, name);
    const created = dm.create(name, { table: [zero({ length: 2048 })] }).then(
      () => 'done',
      (error: unknown) => {
        if (!(error instanceof UdevTimeoutError)) throw error;
        return 'time-out';
      },
    );
    await sleep(afterMs);
    stop();
    ends.push(`${afterMs} ms: ${await created}`);
    t.deepEqual(semaphores(), []);
    await isUsable(t, dm, name);
    goOn();
    t.is(BigInt(statSync(`/dev/mapper/${name}`).rdev), (await dm.info(name)).dev);
    await patient.remove(name, { retryMs: 10_000 });
    t.false(existsSync(`/dev/mapper/${name}`));
  }
  t.log(ends.join(', '));
});

test('a cookie created by dmsetup is counted and left to dmsetup', async (t) => {
  const cookie = Number(output('dmsetup', 'udevcreatecookie').trim());
  const dm = await openDm(t, { udev: { cookie } });
  const { name } = await scratchDevice(t, dm, { table: [zero({ length: 2048 })] });
  const second = uniqueName();
  removeAfter(t, second);
  const env = { ...process.env, DM_UDEV_COOKIE: String(cookie) };
  execFileSync(process.execPath, [CLI, 'create', second, '--table', '0 8 zero'], { env });
  t.is(semaphores().length, 1);
  output('dmsetup', 'udevreleasecookie', String(cookie));
  t.true(existsSync(`/dev/mapper/${second}`));
  t.true(existsSync(`/dev/mapper/${name}`), 'the release waited for udev');
  t.deepEqual(semaphores(), []);
});

test('without a free semaphore, a device is still resumed', async (t) => {
  const limit = '/proc/sys/kernel/sem';
  const before = readFileSync(limit, 'utf8');
  execFileSync('sysctl', ['-q', '-w', 'kernel.sem=250 32000 32 0'], { stdio: 'inherit' });
  t.teardown(() => execFileSync('sysctl', ['-q', '-w', `kernel.sem=${before.trim()}`]));
  const dm = await openDm(t);
  const { suspended, live } = await scratchDevice(t, dm, { table: [zero({ length: 2048 })] });
  t.false(suspended);
  t.true(live);
  output('udevadm', 'settle', '--timeout=60');
});

/** Create a device with the command line tool in a private IPC namespace. */
const createIsolated = (name: string): string =>
  output('unshare', '--ipc', process.execPath, CLI, 'create', name, '--table', '0 8 zero');

test('in a private IPC namespace the library does not wait for udevd, and the name exists', async (t) => {
  const name = uniqueName();
  removeAfter(t, name);
  // A wait would run into its time limit and fail.
  createIsolated(name);
  const dm = await openDm(t);
  t.is(BigInt(statSync(`/dev/mapper/${name}`).rdev), (await dm.info(name)).dev);
  output('udevadm', 'settle', '--timeout=60');
});

test('where a program insists on waiting there, the time-out error has the reason', (t) => {
  const name = uniqueName();
  removeAfter(t, name);
  const program = `import { DeviceMapper } from ${JSON.stringify(INDEX)};
    import { zero } from ${JSON.stringify(TARGETS)};
    const dm = await DeviceMapper.open({ udev: { sync: true, timeoutMs: ${TIMEOUT_MS} } });
    await dm.create(${JSON.stringify(name)}, { table: [zero({ length: 8 })] }).catch((error) => console.log(error.message));
    dm.close();`;
  const said = execFileSync(
    'unshare',
    ['--ipc', process.execPath, '--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  t.regex(said, /^ETIMEDOUT: udev did not finish .* This process is in a private IPC namespace/);
  output('udevadm', 'settle', '--timeout=60');
});
