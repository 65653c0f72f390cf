// Whether udevd can see a cookie, with directories in place of /proc.

import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { udevSeesCookies } from '../../../../src/dm/udev/udev-reach.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** Adds a process with the name of its program. Returns the path of its IPC namespace. */
function addProcess(proc: string, id: string, comm: string): string {
  mkdirSync(join(proc, id, 'ns'), { recursive: true });
  writeFileSync(join(proc, id, 'comm'), `${comm}\n`);
  return join(proc, id, 'ns/ipc');
}

const emptyTree = (t: ExecutionContext): string => {
  const proc = tempDir(t);
  writeFileSync(addProcess(proc, 'self', 'node'), '');
  return proc;
};

test('a private namespace without udevd: cookies are not seen', (t) => {
  const proc = emptyTree(t);
  writeFileSync(addProcess(proc, '12', 'bash'), '');
  t.false(udevSeesCookies(proc));
});

test('udevd of another namespace: cookies are not seen', (t) => {
  const proc = emptyTree(t);
  writeFileSync(addProcess(proc, '12', 'systemd-udevd'), '');
  t.false(udevSeesCookies(proc));
});

for (const name of ['systemd-udevd', 'udevd']) {
  test(`${name} of the same namespace: cookies are seen`, (t) => {
    const proc = emptyTree(t);
    linkSync(join(proc, 'self/ns/ipc'), addProcess(proc, '12', name));
    t.true(udevSeesCookies(proc));
  });
}

test('another program of the same namespace: cookies are not seen', (t) => {
  const proc = emptyTree(t);
  linkSync(join(proc, 'self/ns/ipc'), addProcess(proc, '12', 'bash'));
  t.false(udevSeesCookies(proc));
});

test('a process that ends meanwhile is ignored', (t) => {
  const proc = emptyTree(t);
  mkdirSync(join(proc, '12'));
  mkdirSync(join(proc, '13/ns'), { recursive: true });
  writeFileSync(join(proc, '13/comm'), 'udevd\n');
  t.false(udevSeesCookies(proc));
});

test('an unknown namespace: cookies are assumed to be seen', (t) => {
  t.true(udevSeesCookies(tempDir(t)));
});
