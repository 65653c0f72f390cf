// The cost of operations, counted by strace: ioctls, processes, memory, descriptors.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { openDm, removeAfter, scratchPool, uniqueName } from '../../support/kernel/scratch.ts';

const CLI = fileURLToPath(new URL('../../../../dist/cli/main.cjs', import.meta.url));
const STREAM = fileURLToPath(new URL('../../fixtures/steady-stream.js', import.meta.url));
const ROUNDS = 1000;
const WARM_UP = 200;

/** Run a program under strace. @returns the trace lines and the output of the program */
function traced(calls: string, command: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    'strace',
    ['-f', '--seccomp-bpf', '-y', '-qq', '-e', `trace=${calls}`, '-e', 'signal=none', ...command],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return { status, stdout, lines: stderr.split('\n') };
}

const controlIoctls = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.includes('/mapper/control>') && line.includes('ioctl('));

/** Count started processes, not threads. */
const processes = (lines: readonly string[]): readonly string[] =>
  lines.filter(
    (line) =>
      /\b(fork|vfork|clone|clone3)\(/.test(line) &&
      !line.includes('CLONE_THREAD') &&
      !line.includes('resumed'),
  );

test('the creation of a device with one target takes at most five ioctls and no process', (t) => {
  t.true(existsSync(CLI), `${CLI} is not built`);
  const name = uniqueName();
  removeAfter(t, name);
  const { status, lines } = traced('ioctl,execve,fork,vfork,clone,clone3', [
    process.execPath,
    CLI,
    'create',
    name,
    '--table',
    '0 2048 zero',
  ]);
  t.is(status, 0);
  const ioctls = controlIoctls(lines);
  t.log(`ioctls on the control node: ${ioctls.length}`);
  t.true(ioctls.length >= 3 && ioctls.length <= 5, ioctls.join('\n'));
  t.is(lines.filter((line) => line.includes('execve(')).length, 1, 'only node itself');
  t.deepEqual(processes(lines), []);
});

test(`${ROUNDS} times create_thin, create_snap and delete start no process and leak nothing`, async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm);
  const { status, stdout, lines } = traced('execve,fork,vfork,clone,clone3', [
    process.execPath,
    '--expose-gc',
    STREAM,
    pool.name,
    String(ROUNDS),
    String(WARM_UP),
  ]);
  t.is(status, 0, lines.slice(-20).join('\n'));
  const { before, after } = JSON.parse(stdout);
  t.log('before', before, 'after', after);
  t.is(lines.filter((line) => line.includes('execve(')).length, 1, 'only node itself');
  t.deepEqual(processes(lines), []);
  t.is(after.descriptors, before.descriptors);
  t.is(after.threads, before.threads);
  t.true(after.heap - before.heap < 2 ** 20, `the heap grew by ${after.heap - before.heap} bytes`);
  const grown = after.resident - before.resident;
  t.true(grown < 16 * 2 ** 20, `resident memory grew by ${grown} bytes`);
});
