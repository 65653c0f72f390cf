import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {
  errnoCode,
  errnoNumber,
  errnoWords,
  isErrno,
  isSameErrno,
  messageOf,
} from '../../../../src/ioctl/libc/errno.ts';
import { LINUX_CODES } from '../../../../src/ioctl/libc/errno-table.ts';
import { SyscallError } from '../../../../src/ioctl/libc/syscall-error.ts';
import { askHeaders } from '../../../support/c-headers.ts';

/** Alternative codes of the same numbers; libuv uses these. */
const ALIASES: Readonly<Record<string, string>> = { EWOULDBLOCK: 'EAGAIN', EOPNOTSUPP: 'ENOTSUP' };

/** libuv's own codes are not errnos: their numbers are beyond the kernel's. */
const KERNEL_MAX = 2000;
const libuvCodes = [...getSystemErrorMap()]
  .filter(([errno]) => -errno < KERNEL_MAX)
  .map(([, [code]]) => code);

const CORRECT = [
  [1, 'EPERM', 'operation not permitted'],
  [2, 'ENOENT', 'no such file or directory'],
  [4, 'EINTR', 'interrupted system call'],
  [6, 'ENXIO', 'no such device or address'],
  [15, 'ENOTBLK', 'block device required'],
  [16, 'EBUSY', 'resource busy or locked'],
  [22, 'EINVAL', 'invalid argument'],
  [25, 'ENOTTY', 'inappropriate ioctl for device'],
  [43, 'EIDRM', 'identifier removed'],
  [61, 'ENODATA', 'no data available'],
  // libuv's text is 'operation not supported on socket'.
  [95, 'ENOTSUP', 'operation not supported'],
  [74, 'EBADMSG', 'bad message'],
  [117, 'EUCLEAN', 'structure needs cleaning'],
  [121, 'EREMOTEIO', 'remote I/O error'],
  [122, 'EDQUOT', 'disk quota exceeded'],
  [126, 'ENOKEY', 'required key not available'],
  [127, 'EKEYEXPIRED', 'key has expired'],
  [128, 'EKEYREVOKED', 'key has been revoked'],
  [129, 'EKEYREJECTED', 'key was rejected by service'],
] as const;

for (const [errno, code, words] of CORRECT) {
  test(`${errno} is ${code}, ${words}`, (t) => {
    t.is(errnoCode(errno), code);
    t.is(errnoWords(errno), words);
    t.is(errnoNumber(code), errno);
  });
}

for (const errno of [0, 9999, -16, 3000, 4095]) {
  test(`${errno} is an unknown errno`, (t) => {
    t.is(errnoCode(errno), `Unknown system error ${errno}`);
    t.is(errnoWords(errno), 'unknown error');
  });
}

for (const code of ['', 'EBUS', 'ebusy', 'EOF', 'EAI_AGAIN', 'UNKNOWN', 'toString', '__proto__']) {
  test(`"${code}" is not an errno code`, (t) => {
    t.throws(() => errnoNumber(code), {
      instanceOf: RangeError,
      message: `invalid errno code: expected a code such as EBUSY, got ${code}`,
    });
  });
}

const codes = LINUX_CODES.filter((code) => code !== '-');
const aliases = [...Object.keys(ALIASES), 'EDEADLOCK'];

test('the errnos of the kernel’s headers, and no others, have numbers', (t) => {
  const { values, reason } = askHeaders({
    headers: ['errno.h'],
    expressions: [...codes, ...aliases],
  });
  if (values === undefined) return t.fail(reason);
  t.is(values.size, codes.length + aliases.length);
  for (const [code, errno] of values) t.is(errnoNumber(code), errno, code);
  t.is(LINUX_CODES.length, Math.max(...values.values()));
  for (const code of codes) t.not(errnoWords(errnoNumber(code)), 'unknown error', code);
});

test('every code of os.constants.errno converts to its number and back', (t) => {
  for (const [code, errno] of Object.entries(constants.errno)) {
    t.is(errnoNumber(code), errno);
    t.is(errnoCode(errno), ALIASES[code] ?? code);
  }
});

test('every known code converts to a number and back', (t) => {
  const codes = [...libuvCodes, ...CORRECT.map(([, code]) => code)];
  t.true(codes.length > 70);
  fc.assert(
    fc.property(fc.constantFrom(...codes), (code) => {
      t.is(errnoCode(errnoNumber(code)), code);
      t.not(errnoWords(errnoNumber(code)), 'unknown error');
    }),
    { numRuns: 1000 },
  );
});

test('two codes of one errno are equal, an unknown code equals only itself', (t) => {
  t.true(isSameErrno('EOPNOTSUPP', 'ENOTSUP'));
  t.true(isSameErrno('EBUSY', 'EBUSY'));
  t.false(isSameErrno('EBUSY', 'EIO'));
  t.true(isSameErrno('EWHATEVER', 'EWHATEVER'));
  t.false(isSameErrno('EWHATEVER', 'EELSE'));
});

const failed = (errno: number | undefined, code: string): Error =>
  Object.assign(new Error(code), errno === undefined ? { code } : { errno, code });

test('isErrno compares the number of an error, not its code', (t) => {
  // EOPNOTSUPP in the kernel, in a SyscallError and in Node.
  t.true(isErrno(new SyscallError({ syscall: 'ioctl', errno: 95 }), 'ENOTSUP'));
  t.true(isErrno(failed(-95, 'EOPNOTSUPP'), 'ENOTSUP'));
  t.true(isErrno(failed(undefined, 'EOPNOTSUPP'), 'ENOTSUP'));
  t.true(isErrno(failed(-11, 'EWOULDBLOCK'), 'EAGAIN'));
  // Node's own errors have no code for these.
  t.true(isErrno(failed(-122, 'Unknown system error -122'), 'EIO', 'EDQUOT'));
  t.true(isErrno(failed(-117, 'Unknown system error -117'), 'EUCLEAN'));
  t.false(isErrno(failed(-16, 'EBUSY'), 'EIO', 'ENOENT'));
  t.false(isErrno(failed(-16, 'EBUSY')));
  t.false(isErrno(failed(undefined, 'ERR_DMTS_INPUT'), 'EINVAL'));
  t.false(isErrno(undefined, 'EINVAL'));
  t.false(isErrno('EINVAL', 'EINVAL'));
});

test('a message gets the code and text of an errno that libuv does not know', (t) => {
  const text = "Unknown system error -74: Unknown system error -74, mkdir '/a'";
  t.is(messageOf(new Error(text)), "EBADMSG: bad message, mkdir '/a'");
  t.is(messageOf(new Error("ENOENT: no such file, open '/a'")), "ENOENT: no such file, open '/a'");
});
