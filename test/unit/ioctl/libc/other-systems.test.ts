// Systems without support for system calls: the package loads, fake kernels work, and a system call throws a clear error.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { withoutFunction } from '../../../support/hidden-function.ts';
import { refusedCalls } from '../../../support/refused-calls.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/${name}.js`, import.meta.url));

interface Outcomes {
  readonly devices: readonly string[];
  readonly busy: string;
  readonly [call: string]: string | readonly string[];
}

async function outcomes(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcomes> {
  const program = [...args, fixture('any-system')];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env });
  return JSON.parse(stdout) as Outcomes;
}

const MODEL = {
  devices: ['data'],
  busy: /^DmError: EBUSY: resource busy or locked, ioctl DM_DEV_REMOVE 'data'/,
};

test('with a libc without umount2 only unmount fails', async (t) => {
  const { devices, busy, unmount, mount, lock, entries } = await outcomes(
    [],
    withoutFunction(t, 'umount2'),
  );
  t.deepEqual(devices, MODEL.devices);
  t.regex(busy, MODEL.busy);
  const refused =
    'UnavailableError: cannot call umount2: the C library of this system lacks the function. dmts supports Linux only';
  t.deepEqual(unmount, [refused, refused]);
  t.regex(String(mount), /^SyscallError: (ENOENT|EPERM): .*, mount none on '\/nowhere'$/);
  t.is(lock, 'done');
  t.is(entries, 'done');
});

const SYSTEMS = [
  ['darwin', 'arm64'],
  ['win32', 'x64'],
  ['linux', 'arm'],
] as const;

for (const [system, arch] of SYSTEMS) {
  test(`${system} on ${arch}: every system call throws`, async (t) => {
    const env = { ...process.env, SYSTEM: system, ARCH: arch };
    const { devices, busy, ...calls } = await outcomes(['--import', fixture('other-system')], env);
    t.deepEqual(devices, MODEL.devices);
    t.regex(busy, MODEL.busy);
    t.deepEqual(calls, refusedCalls(system, arch));
  });
}
