// Every method with every errno, and every input that must not reach the kernel.

import test from 'ava';
import { DeviceMapper } from '../../../../src/dm/device/device-mapper.ts';
import type { TargetInput } from '../../../../src/dm/text/table.ts';
import type { DeviceRef } from '../../../../src/dm/wire/device-ref.ts';
import { DmError } from '../../../../src/dm/wire/errors.ts';
import { errnoNumber } from '../../../../src/ioctl/libc/errno.ts';
import { DmFlag } from '../../../../src/testing/index.ts';
import { recorded } from '../../../support/dm/scripted.ts';
import { methodsOf } from '../../../support/methods.ts';

const ERRNOS = [
  'EACCES',
  'EBUSY',
  'EEXIST',
  'EINTR',
  'EINVAL',
  'EIO',
  'EKEYREJECTED',
  'ENODATA',
  'ENODEV',
  'ENOENT',
  'ENOKEY',
  'ENOMEM',
  'ENOSPC',
  'ENOTBLK',
  'ENOTTY',
  'ENXIO',
  // Node's name for EOPNOTSUPP, the same number.
  'ENOTSUP',
  'EOVERFLOW',
  'EPERM',
] as const;

const TABLE: readonly TargetInput[] = [{ length: 8, type: 'zero' }];
const GEOMETRY = { cylinders: 1, heads: 1, sectors: 1, start: 0 };

interface Method {
  readonly call: (dm: DeviceMapper) => Promise<unknown>;
  /** Each command of the method, and the device in its error. */
  readonly commands: Readonly<Record<string, string | undefined>>;
  /** The errnos for which the method returns false. */
  readonly answers?: readonly string[];
}

const METHODS: Readonly<Record<string, Method>> = {
  version: { call: (dm) => dm.version(), commands: { DM_VERSION: undefined } },
  list: { call: (dm) => dm.list(), commands: { DM_LIST_DEVICES: undefined } },
  targets: { call: (dm) => dm.targets(), commands: { DM_LIST_VERSIONS: undefined } },
  targetVersion: {
    call: (dm) => dm.targetVersion('zero'),
    commands: { DM_GET_TARGET_VERSION: 'zero' },
  },
  info: { call: (dm) => dm.info('a b'), commands: { DM_DEV_STATUS: 'a b' } },
  makeNode: { call: (dm) => dm.makeNode('a b'), commands: { DM_DEV_STATUS: 'a b' } },
  exists: {
    call: (dm) => dm.exists('a b'),
    commands: { DM_DEV_STATUS: 'a b' },
    answers: ['ENXIO'],
  },
  status: { call: (dm) => dm.status('a b'), commands: { DM_TABLE_STATUS: 'a b' } },
  table: { call: (dm) => dm.table('a b'), commands: { DM_TABLE_STATUS: 'a b' } },
  ima: { call: (dm) => dm.ima('a b'), commands: { DM_TABLE_STATUS: 'a b' } },
  deps: { call: (dm) => dm.deps('a b'), commands: { DM_TABLE_DEPS: 'a b' } },
  wait: { call: (dm) => dm.wait('a b'), commands: { DM_DEV_STATUS: 'a b', DM_DEV_WAIT: 'a b' } },
  create: {
    call: (dm) => dm.create('a b', { uuid: 'u', minor: 7, table: TABLE }),
    commands: { DM_DEV_CREATE: 'a b', DM_TABLE_LOAD: 'a b', DM_DEV_SUSPEND: 'a b' },
  },
  load: { call: (dm) => dm.load('a b', TABLE), commands: { DM_TABLE_LOAD: 'a b' } },
  reload: {
    call: (dm) => dm.reload('a b', TABLE),
    commands: { DM_TABLE_LOAD: 'a b', DM_DEV_STATUS: 'a b', DM_DEV_SUSPEND: 'a b' },
  },
  clear: { call: (dm) => dm.clear('a b'), commands: { DM_TABLE_CLEAR: 'a b' } },
  suspend: { call: (dm) => dm.suspend('a b'), commands: { DM_DEV_SUSPEND: 'a b' } },
  resume: {
    call: (dm) => dm.resume('a b'),
    commands: { DM_DEV_STATUS: 'a b', DM_DEV_SUSPEND: 'a b' },
  },
  rename: {
    call: (dm) => dm.rename({ uuid: 'u' }, 'c'),
    commands: { DM_DEV_STATUS: 'u', DM_DEV_RENAME: 'a' },
  },
  setUuid: {
    call: (dm) => dm.setUuid({ dev: 0xfd00n }, 'u'),
    commands: { DM_DEV_STATUS: '253:0', DM_DEV_RENAME: 'a' },
  },
  remove: {
    call: (dm) => dm.remove('a b', { force: true }),
    commands: {
      DM_TABLE_STATUS: 'a b',
      DM_TABLE_LOAD: 'a b',
      DM_DEV_SUSPEND: 'a b',
      DM_DEV_REMOVE: 'a b',
    },
  },
  removeAll: {
    call: (dm) => dm.removeAll(),
    commands: { DM_REMOVE_ALL: undefined, DM_LIST_DEVICES: undefined },
  },
  cancelDeferredRemove: {
    call: (dm) => dm.cancelDeferredRemove('a b'),
    commands: { DM_TARGET_MSG: 'a b' },
  },
  message: { call: (dm) => dm.message('a b', 'x'), commands: { DM_TARGET_MSG: 'a b' } },
  setGeometry: {
    call: (dm) => dm.setGeometry('a b', GEOMETRY),
    commands: { DM_DEV_SET_GEOMETRY: 'a b' },
  },
  armPoll: { call: (dm) => dm.armPoll(), commands: { DM_DEV_ARM_POLL: undefined } },
  wakeups: {
    call: async (dm) => {
      for await (const _ of dm.wakeups()) break;
    },
    commands: { DM_DEV_ARM_POLL: undefined },
  },
  makeNodes: { call: (dm) => dm.makeNodes(), commands: { DM_LIST_DEVICES: undefined } },
};

// `close` makes no call, and `watch` has its own test file.
const WITHOUT_ERRNO = ['close', 'watch'];

test('METHODS contains every method', (t) => {
  const methods = methodsOf(DeviceMapper as never)
    .map(([name]) => name)
    .filter((name) => !WITHOUT_ERRNO.includes(name));
  t.deepEqual(Object.keys(METHODS).sort(), methods.sort());
});

/** One target, so that a forced removal has a table to replace. */
const oneTarget = Buffer.alloc(48);
oneTarget[8] = 8;
oneTarget.write('zero', 24);

for (const [name, { call, commands, answers = [] }] of Object.entries(METHODS)) {
  for (const [command, device] of Object.entries(commands)) {
    test(`${name}: every errno of ${command}`, async (t) => {
      for (const code of ERRNOS) {
        let refused = 0;
        const { dm } = await recorded((request) => {
          if (request.command.name === command) {
            refused += 1;
            return code;
          }
          if (request.command.name === 'DM_TABLE_STATUS') {
            return { payload: oneTarget, targetCount: 1, flags: DmFlag.ACTIVE_PRESENT };
          }
          return { name: request.header.name || 'a', dev: 0xfd00n };
        });
        if (answers.includes(code)) {
          t.is(await call(dm), false, code);
        } else {
          const error = await t.throwsAsync<DmError>(call(dm), { instanceOf: DmError }, code);
          t.is(error.code, code);
          t.is(error.errno, -errnoNumber(code));
          t.is(error.syscall, 'ioctl');
          t.is(error.command, command, code);
          t.is(error.device, device, code);
        }
        t.true(refused >= 1);
      }
    });
  }
}

// --- invalid input -------------------------------------------------------------------------------

const REFS: readonly unknown[] = [
  '',
  'a/b',
  'a\0b',
  '.',
  '..',
  'control',
  'n'.repeat(128),
  ' '.repeat(32),
  'a b\\x20c',
  'a\\x5cx20',
  '\ud800',
  {},
  null,
  undefined,
  5,
  { name: 'a', uuid: 'b' },
  { name: 'a', dev: 1n },
  { dev: 0n },
  { dev: 64768 },
  { dev: 2n ** 32n },
  { uuid: '' },
  { uuid: 'u'.repeat(129) },
];

const BY_REF: readonly (readonly [
  name: string,
  (dm: DeviceMapper, ref: DeviceRef) => Promise<unknown>,
])[] = [
  ['info', (dm, ref) => dm.info(ref)],
  ['exists', (dm, ref) => dm.exists(ref)],
  ['status', (dm, ref) => dm.status(ref)],
  ['table', (dm, ref) => dm.table(ref)],
  ['deps', (dm, ref) => dm.deps(ref)],
  ['wait', (dm, ref) => dm.wait(ref)],
  ['load', (dm, ref) => dm.load(ref, TABLE)],
  ['reload', (dm, ref) => dm.reload(ref, TABLE)],
  ['clear', (dm, ref) => dm.clear(ref)],
  ['suspend', (dm, ref) => dm.suspend(ref)],
  ['resume', (dm, ref) => dm.resume(ref)],
  ['rename', (dm, ref) => dm.rename(ref, 'new')],
  ['setUuid', (dm, ref) => dm.setUuid(ref, 'u')],
  ['remove', (dm, ref) => dm.remove(ref)],
  ['cancelDeferredRemove', (dm, ref) => dm.cancelDeferredRemove(ref)],
  ['message', (dm, ref) => dm.message(ref, 'x')],
  ['setGeometry', (dm, ref) => dm.setGeometry(ref, GEOMETRY)],
];

for (const [name, call] of BY_REF) {
  test(`${name} rejects an invalid device reference before any call`, async (t) => {
    const { dm, seen } = await recorded();
    for (const ref of REFS) {
      await t.throwsAsync(call(dm, ref as DeviceRef), { name: 'InputError' });
    }
    t.is(seen.length, 0);
  });
}

const badTable = (
  table: unknown,
): readonly (readonly [string, (dm: DeviceMapper) => Promise<unknown>])[] => [
  ['load', (dm) => dm.load('a', table as readonly TargetInput[])],
  ['reload', (dm) => dm.reload('a', table as readonly TargetInput[])],
  ['create', (dm) => dm.create('a', { table: table as readonly TargetInput[] })],
];

const TABLES: readonly (readonly [table: unknown, field: string])[] = [
  [[], 'table'],
  [{ length: 1 }, 'table'],
  [[{ length: 0, type: 'zero' }], 'table[0].length'],
  [[{ length: -1, type: 'zero' }], 'table[0].length'],
  [[{ length: 2 ** 53, type: 'zero' }], 'table[0].length'],
  [[{ start: 1, length: 1, type: 'zero' }], 'table[0].start'],
  [[{ length: 1, type: '' }], 'table[0].type'],
  [[{ length: 1, type: 'zero', params: 'a\0' }], 'table[0].params'],
  [[...TABLE, { start: 9, length: 1, type: 'zero' }], 'table[1].start'],
];

for (const [table, field] of TABLES) {
  for (const [name, call] of badTable(table)) {
    test(`${name} rejects ${JSON.stringify(table)} before any call`, async (t) => {
      const { dm, seen } = await recorded();
      const error = await t.throwsAsync<Error & { readonly field: string }>(call(dm), {
        name: 'InputError',
      });
      t.is(error.field, field);
      t.is(seen.length, 0);
    });
  }
}

const geometry = (fields: object) => (dm: DeviceMapper) =>
  dm.setGeometry('a', { ...GEOMETRY, ...fields });
const GEOMETRY_MESSAGE =
  /^geometry: expected at most 65535 cylinders, 255 heads and 255 sectors, and a start within them, got /;

interface Refusal {
  readonly title: string;
  readonly call: (dm: DeviceMapper) => Promise<unknown>;
  readonly message: string | RegExp;
}

const OTHERS: readonly Refusal[] = [
  {
    title: 'create without a name',
    call: (dm) => dm.create(''),
    message: 'name: expected a non-empty string, got ""',
  },
  {
    title: 'create with an empty uuid',
    call: (dm) => dm.create('a', { uuid: '' }),
    message: 'uuid: expected a non-empty string, got ""',
  },
  ...[-1, 1_048_576, 0.5].map((minor) => ({
    title: `create with minor ${minor}`,
    call: (dm: DeviceMapper) => dm.create('a', { minor }),
    message: `minor: expected an integer from 0 to 1048575, got ${minor}`,
  })),
  {
    title: 'rename to an empty name',
    call: (dm) => dm.rename('a', ''),
    message: 'newName: expected a non-empty string, got ""',
  },
  {
    title: 'rename to a path',
    call: (dm) => dm.rename('a', 'b/c'),
    message: 'newName: expected a name without "/", got "b/c"',
  },
  {
    title: 'set a uuid that is too long',
    call: (dm) => dm.setUuid('a', 'u'.repeat(129)),
    message: /^uuid: expected at most 128 bytes \(this has 129\), got /,
  },
  ...['', ' ', 'a\0b'].map((text) => ({
    title: `the message ${JSON.stringify(text)}`,
    call: (dm: DeviceMapper) => dm.message('a', text),
    message: `message: expected at least one word, without NUL, got ${JSON.stringify(text)}`,
  })),
  {
    title: 'a message that is not a string',
    call: (dm) => dm.message('a', undefined as unknown as string),
    message: 'message: expected at least one word, without NUL, got undefined',
  },
  {
    title: 'a message with a lone surrogate',
    call: (dm) => dm.message('a', 'x\ud800'),
    message: 'message: expected well-formed Unicode, got "x\\ud800"',
  },
  {
    title: 'an invalid message with a key, which the error must not show',
    call: (dm) => dm.message('a', 'key set 00112233\0'),
    message: 'message: expected at least one word, without NUL, got "key set 000000000"',
  },
  ...['@stats_list', ' @stats_list', '\t@x'].map((text) => ({
    title: `the message ${JSON.stringify(text)} without core`,
    call: (dm: DeviceMapper) => dm.message('a', text),
    message: `message: expected a message for the target (a message that begins with "@" requires the option core), got ${JSON.stringify(text)}`,
  })),
  ...[-1, 0.5, 2 ** 53].map((sector) => ({
    title: `a message to sector ${sector}`,
    call: (dm: DeviceMapper) => dm.message('a', 'x', { sector }),
    message: `sector: expected sectors as a bigint or a safe integer, not negative, got ${sector}`,
  })),
  {
    title: 'a message beyond the last sector',
    call: (dm) => dm.message('a', 'x', { sector: 2n ** 64n }),
    message: 'sector: expected at most 18446744073709551615, got 18446744073709551616n',
  },
  ...[-1, 0.5, 2 ** 32, Number.NaN].map((eventNr) => ({
    title: `wait for event ${eventNr}`,
    call: (dm: DeviceMapper) => dm.wait('a', { eventNr }),
    message: `eventNr: expected an integer from 0 to 4294967295, got ${eventNr}`,
  })),
  ...['', 'no such', 'x'.repeat(16), 'a\0'].map((type) => ({
    title: `the version of ${JSON.stringify(type)}`,
    call: (dm: DeviceMapper) => dm.targetVersion(type),
    message: `type: expected 1 to 15 printable ASCII characters, got ${JSON.stringify(type)}`,
  })),
  ...[
    { cylinders: -1 },
    { cylinders: 0.5 },
    { cylinders: Number.NaN },
    { cylinders: 65_536 },
    { heads: 256 },
    { sectors: 256 },
    { sectors: '1' },
    { start: 2 },
  ].map((fields) => ({
    title: `a geometry with ${JSON.stringify(fields)}`,
    call: geometry(fields),
    message: GEOMETRY_MESSAGE,
  })),
  {
    title: 'a geometry with a negative start',
    call: geometry({ start: -1 }),
    message: 'geometry.start: expected sectors as a bigint or a safe integer, not negative, got -1',
  },
];

for (const { title, call, message } of OTHERS) {
  test(`rejected before any call: ${title}`, async (t) => {
    const { dm, seen } = await recorded();
    await t.throwsAsync(call(dm), { name: 'InputError', code: 'ERR_DMTS_INPUT', message });
    t.is(seen.length, 0);
  });
}

test('every change is rejected before any call after an abort', async (t) => {
  const reason = new Error('before');
  const signal = AbortSignal.abort(reason);
  const calls: readonly ((dm: DeviceMapper) => Promise<unknown>)[] = [
    (dm) => dm.create('a', { table: TABLE, signal }),
    (dm) => dm.load('a', TABLE, { signal }),
    (dm) => dm.reload('a', TABLE, { signal }),
    (dm) => dm.clear('a', { signal }),
    (dm) => dm.suspend('a', { signal }),
    (dm) => dm.resume('a', { signal }),
    (dm) => dm.rename('a', 'b', { signal }),
    (dm) => dm.setUuid('a', 'u', { signal }),
    (dm) => dm.remove('a', { signal }),
    (dm) => dm.removeAll({ signal }),
    (dm) => dm.message('a', 'x', { signal }),
    (dm) => dm.cancelDeferredRemove('a', { signal }),
    (dm) => dm.setGeometry('a', GEOMETRY, { signal }),
    (dm) => dm.status('a', { signal }),
    (dm) => dm.table('a', { signal }),
    (dm) => dm.wait('a', { eventNr: 1, signal }),
  ];
  const { dm, seen } = await recorded();
  for (const call of calls) t.is(await t.throwsAsync(call(dm)), reason);
  t.is(seen.length, 0);
});

test('open without a device mapper: the error has the path of the node and a hint', async (t) => {
  const error = await t.throwsAsync<DmError>(DeviceMapper.open({ devDir: '/nonexistent' }), {
    instanceOf: DmError,
    message:
      /^ENOENT: no such file or directory, open '\/nonexistent\/mapper\/control'\. (This kernel has no device mapper: |The kernel has the device mapper, but )/,
  });
  t.like(error, { code: 'ENOENT', errno: -2, syscall: 'open', command: undefined });
  t.is((error.cause as NodeJS.ErrnoException).code, 'ENOENT');
});
