// Missing or wrong nodes, without permission to create nodes. test/kernel/ioctl/missing-node.test.ts tests with permission.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MissingNode, type NodeStats } from '../../../../src/ioctl/device/missing-node.ts';
import {
  blockTarget,
  miscNumber,
  miscTarget,
  type NodeTarget,
} from '../../../../src/ioctl/device/node-target.ts';
import { SyscallError } from '../../../../src/ioctl/libc/syscall-error.ts';
import { tempDir } from '../../../support/temp-dir.ts';

// --- /proc/misc and /sys/block --------------------------------------------------------------------

const MISC = `236 device-mapper
237 loop-control
 59 memory_bandwidth
  1 psaux
`;

const NUMBERS: readonly (readonly [name: string, text: string, minor: number | undefined])[] = [
  ['device-mapper', MISC, 236],
  ['loop-control', MISC, 237],
  ['memory_bandwidth', MISC, 59],
  ['psaux', MISC, 1],
  ['device', MISC, undefined],
  ['mapper', MISC, undefined],
  ['236', MISC, undefined],
  ['device-mapper', '', undefined],
  ['device-mapper', '\n\n', undefined],
  ['device-mapper', '63 device-mapper', 63],
];

for (const [name, text, minor] of NUMBERS) {
  test(`the minor number of ${name} in ${JSON.stringify(text.slice(0, 20))}`, (t) => {
    const expected = minor === undefined ? undefined : { type: 'character', major: 10, minor };
    t.deepEqual(miscNumber(name, text), expected as ReturnType<typeof miscNumber>);
  });
}

test('a block device has the number in sysfs', (t) => {
  const sysDir = tempDir(t);
  mkdirSync(join(sysDir, 'block', 'loop3'), { recursive: true });
  writeFileSync(join(sysDir, 'block', 'loop3', 'dev'), '7:48\n');
  t.deepEqual(blockTarget('loop3', sysDir).find(), { type: 'block', major: 7, minor: 48 });
  t.is(blockTarget('loop4', sysDir).find(), undefined);
});

// --- Hints -----------------------------------------------------------------------------------------

/** A target whose /proc/misc has this text. */
function targetIn(t: ExecutionContext, text: string): NodeTarget {
  const procDir = tempDir(t);
  writeFileSync(join(procDir, 'misc'), text);
  const words = { title: 'the device mapper', absent: 'load it' };
  return miscTarget('device-mapper', 236, words, procDir);
}

const failure = (code: 'EPERM' | 'ENOENT' | 'ENXIO' | 'ENODEV' | 'EACCES' | 'EMFILE') =>
  Object.assign(new Error(code), { code, errno: -constants.errno[code] });

/** A path that cannot be created. */
const nowhere = (t: ExecutionContext): string => join(tempDir(t), 'missing', 'mapper', 'control');

test('if the kernel has the driver but the node cannot be created, the hint has the reason and the command', (t) => {
  const path = nowhere(t);
  const error = t.throws(() => new MissingNode(path, targetIn(t, MISC)).create(), {
    instanceOf: SyscallError,
    code: 'ENOENT',
  });
  t.like(error, { syscall: 'open', path });
  t.is(
    (error as SyscallError).hint,
    `The kernel has the device mapper, but this node is missing and cannot be created here. Run "mkdir -p ${join(path, '..')} && mknod -m 600 ${path} c 10 236" with permission to create nodes, or start the container with --device ${path}`,
  );
});

test('the command has the number in /proc/misc', (t) => {
  const node = new MissingNode(nowhere(t), targetIn(t, ' 63 device-mapper\n'));
  t.throws(() => node.create(), { message: /mknod -m 600 \S+ c 10 63"/ });
});

test('if the kernel does not have the driver, the hint says what to do', (t) => {
  const path = nowhere(t);
  t.throws(() => new MissingNode(path, targetIn(t, '237 loop-control\n')).create(), {
    code: 'ENOENT',
    message: `ENOENT: no such file or directory, open '${path}'. load it`,
  });
});

test('without /proc the driver counts as missing', (t) => {
  const words = { title: 'it', absent: 'load it' };
  const target = miscTarget('device-mapper', 236, words, join(tempDir(t), 'nothing'));
  t.is(target.find(), undefined);
  t.throws(() => new MissingNode(nowhere(t), target).create(), { message: /\. load it$/ });
});

test('a node of a missing block device is not created', (t) => {
  const path = join(tempDir(t), 'loop3');
  const node = new MissingNode(path, blockTarget('loop3', tempDir(t)));
  t.throws(() => node.create(), { code: 'ENOENT', message: /The kernel has no device loop3/ });
  t.false(existsSync(path));
});

const HINTS = [
  ['ENOENT', 'load it'],
  ['ENODEV', 'load it'],
  ['ENXIO', 'load it'],
  ['EPERM', /^A device cgroup denies access\. Start the container with --device /],
  // These tests run as root or not: the mode of the node is the reason for other users only.
  [
    'EACCES',
    process.geteuid?.() === 0
      ? /mounted with "nodev", or .* CAP_DAC_OVERRIDE$/
      : /^Only root may use /,
  ],
  ['EMFILE', undefined],
] as const;

for (const [code, hint] of HINTS) {
  test(`the hint for ${code} from open: ${hint ?? 'none'}`, (t) => {
    const path = nowhere(t);
    const error = new MissingNode(path, targetIn(t, MISC)).explain(failure(code)) as SyscallError;
    t.like(error, { code, syscall: 'open', path });
    if (typeof hint === 'string' || hint === undefined) t.is(error.hint, hint);
    else t.regex(error.hint ?? '', hint);
  });
}

test('an error without an errno stays unchanged', (t) => {
  const error = new TypeError('not a path');
  t.is(new MissingNode('/dev/x', targetIn(t, MISC)).explain(error), error);
});

// --- Numbers ---------------------------------------------------------------------------------------

const stats = (type: 'c' | 'b' | '-', major: number, minor: number): NodeStats => ({
  isCharacterDevice: () => type === 'c',
  isBlockDevice: () => type === 'b',
  rdev: (major << 8) | minor,
});

for (const [title, listed, found] of [
  ['the number of devices.txt', MISC, stats('c', 10, 236)],
  ['that number, whatever is listed', '', stats('c', 10, 236)],
  ['the number that is listed', '63 device-mapper\n', stats('c', 10, 63)],
  ['a file, which refuses requests by itself', MISC, stats('-', 0, 0)],
] as const) {
  test(`an open node is accepted: ${title}`, (t) => {
    t.notThrows(() => new MissingNode('/dev/x', targetIn(t, listed)).check(found));
  });
}

for (const [is, right, listed, found] of [
  ['c 10 57', 'c 10 236', MISC, stats('c', 10, 57)],
  ['b 10 236', 'c 10 236', MISC, stats('b', 10, 236)],
  ['c 1 3', 'c 10 63', '63 device-mapper\n', stats('c', 1, 3)],
  ['c 1 3', 'c 10 236', '', stats('c', 1, 3)],
] as const) {
  test(`an open node is rejected: ${is} instead of ${right}`, (t) => {
    t.throws(() => new MissingNode('/dev/x', targetIn(t, listed)).check(found), {
      code: 'ENOTTY',
      message: `ENOTTY: inappropriate ioctl for device, open '/dev/x'. This node is the device "${is}", but the device mapper is "${right}". Remove the node; dmts then creates it with the correct number`,
    });
  });
}

test('the hint for a node that cannot be opened names a wrong number', (t) => {
  // /dev/null is "c 1 3" everywhere.
  t.is(statSync('/dev/null').rdev, 0x103);
  const node = new MissingNode('/dev/null', targetIn(t, MISC));
  t.regex(
    (node.explain(failure('ENXIO')) as SyscallError).message,
    /This node is the device "c 1 3"/,
  );
});
