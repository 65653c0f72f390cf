import test from 'ava';
import {
  DmError,
  type DmFailure,
  InputError,
  isDmError,
  ReplyError,
} from '../../../../src/dm/wire/errors.ts';

const ROWS: readonly (readonly [DmFailure, string])[] = [
  [{ errno: 16, command: 'DM_DEV_REMOVE' }, 'EBUSY: resource busy or locked, ioctl DM_DEV_REMOVE'],
  [
    { errno: 6, command: 'DM_DEV_STATUS', device: 'a b' },
    "ENXIO: no such device or address, ioctl DM_DEV_STATUS 'a b'",
  ],
  [
    { errno: 13, device: '/dev/mapper/control', hint: 'Only root may use the device mapper' },
    "EACCES: permission denied, open '/dev/mapper/control'. Only root may use the device mapper",
  ],
  [
    {
      errno: 22,
      command: 'DM_TABLE_LOAD',
      device: 'x',
      field: 'table[0].type',
      reason: 'nosuch: unknown target type',
      hint: 'Load the module',
    },
    "EINVAL: invalid argument, ioctl DM_TABLE_LOAD 'x', table[0].type (kernel log: nosuch: unknown target type). Load the module",
  ],
  // Errnos without a name in libuv.
  [{ errno: 15, command: 'DM_TABLE_LOAD' }, 'ENOTBLK: block device required, ioctl DM_TABLE_LOAD'],
  [
    { errno: 126, command: 'DM_TARGET_MSG' },
    'ENOKEY: required key not available, ioctl DM_TARGET_MSG',
  ],
  [
    { errno: 4095, command: 'DM_TARGET_MSG' },
    'Unknown system error 4095: unknown error, ioctl DM_TARGET_MSG',
  ],
];

for (const [failure, message] of ROWS) {
  test(message, (t) => t.is(new DmError(failure).message, message));
}

test("a DmError has the fields of Node's own errors", (t) => {
  const cause = new Error('below');
  const error = new DmError({
    errno: 16,
    command: 'DM_DEV_REMOVE',
    device: 'x',
    flags: ['noflush'],
    reason: 'r',
    hint: 'h',
    field: 'f',
    cause,
  });
  t.true(error instanceof Error);
  t.like(error, {
    name: 'DmError',
    code: 'EBUSY',
    errno: -16,
    syscall: 'ioctl',
    command: 'DM_DEV_REMOVE',
    device: 'x',
    reason: 'r',
    hint: 'h',
    field: 'f',
    cause,
  });
  t.deepEqual(error.flags, ['noflush']);
  t.regex(error.stack ?? '', /^DmError: EBUSY/);
  t.false(Object.keys(error).includes('name'));
});

test('without a command syscall is open; without a cause the error has no field cause', (t) => {
  const error = new DmError({ errno: 2, device: '/dev/mapper/control' });
  t.is(error.syscall, 'open');
  t.deepEqual(error.flags, []);
  t.false('cause' in error);
});

for (const [value, codes, expected] of [
  [new DmError({ errno: 16 }), [], true],
  [new DmError({ errno: 16 }), ['EBUSY'], true],
  [new DmError({ errno: 16 }), ['ENXIO', 'EBUSY'], true],
  [new DmError({ errno: 16 }), ['ENXIO'], false],
  [Object.assign(new Error('x'), { code: 'EBUSY' }), ['EBUSY'], false],
  [undefined, [], false],
  ['EBUSY', ['EBUSY'], false],
] as const) {
  test(`isDmError(${String(value)}, ${codes}) is ${expected}`, (t) => {
    t.is(isDmError(value, ...codes), expected);
  });
}

for (const [received, shown] of [
  ['a', '"a"'],
  ['a\n\0', '"a\\n\\u0000"'],
  [5n, '5n'],
  [Number.NaN, 'NaN'],
  [undefined, 'undefined'],
  [{ a: { b: 1 } }, '{ a: [Object] }'],
  ['x'.repeat(100), `"${'x'.repeat(79)}…`],
] as const) {
  test(`an InputError shows the received value as ${shown}`, (t) => {
    const error = new InputError({ field: 'f[0]', expected: 'better', received });
    t.is(error.message, `f[0]: expected better, got ${shown}`);
    t.like(error, { name: 'InputError', code: 'ERR_DMTS_INPUT', field: 'f[0]' });
    t.true(error instanceof TypeError);
  });
}

test('an InputError without a received value shows none', (t) => {
  t.is(new InputError({ field: 'f', expected: 'better' }).message, 'f: expected better');
});

test('a ReplyError is not a DmError: the kernel did not fail the call', (t) => {
  const error = new ReplyError('x');
  t.like(error, { name: 'ReplyError', code: 'ERR_DMTS_REPLY', message: 'x' });
  t.false(isDmError(error));
});
