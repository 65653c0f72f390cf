// Signals: a storm of them during each call, and a process that is stopped in the middle of a change. Two processes on one
// pool.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { wrongDevices, wrongStorage } from '../../support/faults/look.ts';
import { TINY } from '../../support/faults/storage-subject.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openDm } from '../../support/kernel/scratch.ts';
import { storageRoot } from '../../support/kernel/storage.ts';
import { testPool } from '../../support/kernel/thin.ts';

const ROUNDS = 5;
const STOPS = 20;
const DONE = /^done \d+\n/m;

const fixture = (name: string, ...args: readonly string[]): ChildProcess =>
  spawn(
    process.execPath,
    [fileURLToPath(new URL(`../../fixtures/${name}.js`, import.meta.url)), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );

/** What a program prints until it prints a line, or ends. */
const outputUntil = (child: ChildProcess, line: RegExp): Promise<string> =>
  new Promise((resolve) => {
    let printed = '';
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (line.test(printed)) resolve(printed);
    });
    child.once('exit', () => resolve(printed));
  });

test('a storage works while signals interrupt its calls all the time', async (t) => {
  t.timeout(600_000);
  const root = storageRoot(t);
  const child = fixture('storm-storage', root, String(ROUNDS), ...TINY);
  const ended = once(child, 'exit');
  const errors = text(child.stderr!);
  const printed = outputUntil(child, DONE);
  await once(child.stdout!, 'data');
  const storm = spawn('sh', ['-c', `while kill -USR2 ${child.pid}; do :; done`], {
    stdio: 'ignore',
  });
  const [, done] = /done (\d+)/.exec(await printed) ?? [];
  storm.kill();
  await once(storm, 'exit');
  child.kill('SIGTERM');
  const [status] = await ended;
  t.is(status, 0, await errors);
  const signals = Number(done);
  t.log(`${signals} signals in ${ROUNDS} rounds`);
  t.true(signals > 100, 'signals arrive');
  t.deepEqual(await checkInvariants(t, root, TINY), []);
});

test(`a process is stopped ${STOPS} times in the middle of changes, and continues`, async (t) => {
  t.timeout(600_000);
  const dm = await openDm(t);
  const root = storageRoot(t);
  await (await DevicemapperStorage.open({ root, storageOptions: TINY })).shutdown();
  const child = fixture('storm-storage', root, String(ROUNDS), ...TINY);
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const errors = text(child.stderr!);
  let isDone = false;
  const opened = outputUntil(child, /^open\n/m);
  const done = outputUntil(child, DONE).then(() => {
    isDone = true;
  });
  await opened;
  let refused = 0;
  for (let stop = 0; stop < STOPS && !isDone; stop++) {
    await sleep(150 + 37 * (stop % 7));
    child.kill('SIGSTOP');
    const error = await DevicemapperStorage.open({ root, storageOptions: TINY, dm }).then(
      (storage) => storage.close(),
      (reason: { code?: string; message: string }) => reason,
    );
    if (error?.code === 'ERR_STORAGE_LOCKED') {
      t.true(error.message.includes(String(child.pid)), error.message);
      refused++;
    } else t.is(error, undefined, error?.message);
    child.kill('SIGCONT');
  }
  await done;
  child.kill('SIGTERM');
  const [status] = await ended;
  t.is(status, 0, await errors);
  t.log(`${refused} opens by a second process are refused`);
  t.true(refused > 0);
  t.deepEqual(await checkInvariants(t, root, TINY), []);
  t.deepEqual(await wrongStorage(dm, await layoutOf(root)), []);
});

/** What a process may answer that has lost a race for a thin device. */
const LOST: readonly string[] = [
  'done',
  'ERR_THIN_EXISTS',
  'ERR_THIN_MISSING',
  'ERR_THIN_ACTIVE',
  // The other process has deactivated the device between the refusal and the look for its name.
  'EBUSY DM_DEV_CREATE',
  // The other process has deactivated the device while this one activates it.
  'ENXIO DM_TABLE_LOAD',
  'ENXIO DM_DEV_SUSPEND',
  // The other process has deactivated it then, and activates it again: its new device has no table yet.
  'EINVAL DM_DEV_SUSPEND',
];

test('two processes change the same thin devices of one pool', async (t) => {
  t.timeout(600_000);
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const racers = [1, 2].map(() => fixture('race-thins', pool.name, '60'));
  const results = await Promise.all(
    racers.map(async (racer) => {
      const [printed, errors] = await Promise.all([text(racer.stdout!), text(racer.stderr!)]);
      t.is(errors, '');
      return JSON.parse(printed) as Readonly<Record<string, number>>;
    }),
  );
  for (const counts of results) {
    t.log(JSON.stringify(counts));
    t.deepEqual(
      Object.keys(counts).filter((code) => !LOST.includes(code)),
      [],
    );
  }
  t.deepEqual(await wrongDevices(dm, pool.name), []);
  for (const { id } of await pool.activeThins()) await pool.deactivateThin(id);
  for (const id of (await pool.thinDetails()).keys()) await pool.deleteThin(id);
  t.is((await pool.thinDetails()).size, 0);
});

test('nothing is left', assertNothingLeft);
