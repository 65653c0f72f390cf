// Which udevd can see a cookie, from made-up trees of /proc.

import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { udevSeesCookies } from '../../src/dm/udev-reach.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A process in the tree: the name of its program, and the file that its namespace is. */
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

test('in a private namespace without udevd no cookie is seen', (t) => {
  const proc = emptyTree(t);
  writeFileSync(addProcess(proc, '12', 'bash'), '');
  t.false(udevSeesCookies(proc));
});

test('udevd of another namespace does not see a cookie', (t) => {
  const proc = emptyTree(t);
  writeFileSync(addProcess(proc, '12', 'systemd-udevd'), '');
  t.false(udevSeesCookies(proc));
});

for (const name of ['systemd-udevd', 'udevd']) {
  test(`${name} of the same namespace sees a cookie`, (t) => {
    const proc = emptyTree(t);
    linkSync(join(proc, 'self/ns/ipc'), addProcess(proc, '12', name));
    t.true(udevSeesCookies(proc));
  });
}

test('another program of the same namespace does not count', (t) => {
  const proc = emptyTree(t);
  linkSync(join(proc, 'self/ns/ipc'), addProcess(proc, '12', 'bash'));
  t.false(udevSeesCookies(proc));
});

test('a process that has ended meanwhile is passed over', (t) => {
  const proc = emptyTree(t);
  mkdirSync(join(proc, '12'));
  mkdirSync(join(proc, '13/ns'), { recursive: true });
  writeFileSync(join(proc, '13/comm'), 'udevd\n');
  t.false(udevSeesCookies(proc));
});

test('where the kernel does not tell the namespace, udevd is taken to see cookies', (t) => {
  t.true(udevSeesCookies(tempDir(t)));
});
