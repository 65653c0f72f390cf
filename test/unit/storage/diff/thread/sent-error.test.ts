// Errors keep their class, message, fields and cause on the way to another thread.

import { statSync } from 'node:fs';
import test from 'ava';
import { SyscallError } from '../../../../../src/ioctl/libc/syscall-error.ts';
import { receiveError, sendError } from '../../../../../src/storage/diff/thread/sent-error.ts';
import { DiffError } from '../../../../../src/storage/diff/tree/errors.ts';

/** The error that the other thread receives. */
const sent = (error: unknown): Error => receiveError(structuredClone(sendError(error)));

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error');
}

const cause = new SyscallError({
  syscall: 'lsetxattr',
  errno: 28,
  operation: 'user.a',
  path: '/a',
});

for (const error of [
  new DiffError({ code: 'ERR_DIFF_ENTRY', entry: 'a\xc3\xa4', problem: 'bad', cause }),
  new DiffError({ code: 'ERR_DIFF_TAR', problem: 'bad' }),
  cause,
  thrownBy(() => statSync('/missing')),
  new RangeError('too large'),
  new TypeError('wrong'),
]) {
  test(`${error.name}: ${error.message}`, (t) => {
    const received = sent(error);
    t.is(Object.getPrototypeOf(received), Object.getPrototypeOf(error));
    t.is(received.message, error.message);
    t.is(String(received), String(error));
    t.is(received.stack, error.stack);
    t.deepEqual({ ...received }, { ...error });
    if (error.cause) t.true(received.cause instanceof SyscallError);
    else t.is(received.cause, undefined);
  });
}

test('what is thrown and no error becomes one', (t) => {
  t.is(sent('text').message, 'text');
});
