import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import test from 'ava';
import { SyscallError } from '../../../../src/ioctl/libc/syscall-error.ts';

/** Failures of Node's own calls, with errnos that do not depend on root. */
const FAILURES: Readonly<Record<string, () => void>> = {
  ENOENT: () => openSync('/nowhere/at all', 'r'),
  EISDIR: () => openSync('/', 'r+'),
  ENOTDIR: () => readdirSync('/dev/null'),
  EEXIST: () => mkdirSync('/dev'),
  EBADF: () => fstatSync(2 ** 30),
  'EISDIR of a descriptor': () => {
    const fd = openSync('/', 'r');
    try {
      readSync(fd, Buffer.alloc(1));
    } finally {
      closeSync(fd);
    }
  },
};

for (const [title, fail] of Object.entries(FAILURES)) {
  test(`${title} has the fields of Node's own error`, (t) => {
    const theirs = t.throws<NodeJS.ErrnoException>(fail);
    const { syscall = '', errno = 0, path } = theirs ?? {};
    const ours = new SyscallError({ syscall, errno: -errno, path });
    t.is(ours.message, theirs?.message ?? '');
    t.is(ours.code, theirs?.code ?? '');
    t.is(ours.errno, errno);
    t.true(ours.errno < 0);
    t.is(ours.syscall, syscall);
    t.is(ours.path, path);
    for (const key of Object.keys(theirs ?? {})) t.true(Object.keys(ours).includes(key), key);
  });
}

test('it is an Error whose name is not printed among its fields', (t) => {
  const error = new SyscallError({ syscall: 'ioctl', errno: 16 });
  t.true(error instanceof Error);
  t.is(error.name, 'SyscallError');
  t.false(Object.keys(error).includes('name'));
  t.regex(error.stack ?? '', /^(SyscallError|Error): EBUSY: /);
});

const MESSAGES = [
  [{ syscall: 'ioctl', errno: 16 }, 'EBUSY: resource busy or locked, ioctl'],
  [
    { syscall: 'ioctl', errno: 6, operation: 'LOOP_CLR_FD', path: '/dev/loop0' },
    "ENXIO: no such device or address, ioctl LOOP_CLR_FD '/dev/loop0'",
  ],
  [
    { syscall: 'mount', errno: 117, operation: '/dev/loop0 on', path: '/mnt' },
    "EUCLEAN: structure needs cleaning, mount /dev/loop0 on '/mnt'",
  ],
  [{ syscall: 'ioctl', errno: 9999 }, 'Unknown system error 9999: unknown error, ioctl'],
] as const;

for (const [failure, message] of MESSAGES) {
  test(message, (t) => {
    t.is(new SyscallError(failure).message, message);
  });
}
