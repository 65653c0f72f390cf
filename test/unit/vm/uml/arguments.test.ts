import test from 'ava';
import { type UmlOptions, umlArguments } from '../../../../vm/uml/arguments.ts';

const machine: UmlOptions = {
  init: '/w/init.sh',
  directory: '/w',
  memory: 512,
  disks: [],
  verbose: false,
};

test('the root is that of this machine, read-only, and init is a program of this project', (t) => {
  const args = umlArguments(machine);
  for (const arg of ['mem=512M', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'init=/w/init.sh'])
    t.true(args.includes(arg), arg);
});

test('each channel is a serial line on its descriptor', (t) => {
  const lines = umlArguments(machine).filter((arg) => arg.startsWith('ssl'));
  t.deepEqual(lines, ['ssl0=null,fd:3', 'ssl1=null,fd:4', 'ssl2=null,fd:5', 'ssl=null']);
});

test('disks keep their order', (t) => {
  const args = umlArguments({ ...machine, disks: ['/a/disk0', '/b/disk1'] });
  t.deepEqual(
    args.filter((arg) => arg.startsWith('ubd')),
    ['ubd0=/a/disk0', 'ubd1=/b/disk1'],
  );
});

test('the kernel is quiet unless its console is shown', (t) => {
  t.true(umlArguments(machine).includes('quiet'));
  t.false(umlArguments({ ...machine, verbose: true }).includes('quiet'));
});

for (const path of ['/a b', '/a,b', '/a:b', '/a"b'])
  test(`a path that the command line cannot hold is rejected: ${path}`, (t) => {
    const message = /^invalid path ".*": expected letters, digits/;
    t.throws(() => umlArguments({ ...machine, init: path }), { message });
    t.throws(() => umlArguments({ ...machine, disks: [path] }), { message });
    t.throws(() => umlArguments({ ...machine, directory: path }), { message });
  });

test('a kernel that can trap system calls with seccomp does so', (t) => {
  t.true(umlArguments(machine).includes('seccomp=auto'));
});
