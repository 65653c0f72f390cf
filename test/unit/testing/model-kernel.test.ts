// The model kernel's replies, exact to the bit, to raw requests, and its control by a test.
// test/kernel/random/model.test.ts compares it with real kernels.

import test, { type ExecutionContext } from 'ava';
import { linear, thin, thinPool, zero } from '../../../src/dm/targets/index.ts';
import type { DmHeader, Version } from '../../../src/dm/wire/abi.ts';
import { DeviceMapper, InputError, makeDev } from '../../../src/index.ts';
import { Dm, type DmCommand, DmFlag, modelKernel } from '../../../src/testing/index.ts';
import { raw } from '../../support/testing/raw.ts';
import { DEVICE, expectedOf, LINEAR, RAW_ROWS, UUID } from '../../support/testing/raw-rows.ts';

const UNKNOWN_BIT = 0x40000000;
/** A kernel with a device `a` whose table is 8 sectors of zeros, and a `DeviceMapper` for it. */
async function withDevice(version: Version = [4, 50, 0]) {
  const kernel = modelKernel({
    version,
    disks: [
      { dev: '8:0', path: '/dev/sda', sectors: 4096 },
      { dev: '8:1', path: '/dev/sdb', sectors: 128_000 },
    ],
  });
  const dm = await DeviceMapper.open({ transport: kernel });
  await dm.create('a', { uuid: 'U', table: [zero({ length: 8 })] });
  return { kernel, dm };
}

/** A request and the expected fields of the reply, or the errno. */
type Row = readonly [
  title: string,
  command: DmCommand,
  request: Partial<DmHeader>,
  expected: Partial<DmHeader> | string,
  payload?: string,
];

const { ACTIVE_PRESENT, UEVENT_GENERATED, SUSPEND, NOFLUSH, READONLY } = DmFlag;

const rows: readonly Row[] = [
  [
    'an unknown flag is echoed, and the kernel clears its own',
    Dm.DEV_STATUS,
    { name: 'a', flags: UNKNOWN_BIT | UEVENT_GENERATED | DmFlag.BUFFER_FULL | SUSPEND | READONLY },
    { flags: UNKNOWN_BIT | ACTIVE_PRESENT, uuid: 'U', targetCount: 1, dataSize: 305 },
  ],
  ['a device by its uuid has its name in the reply', Dm.DEV_STATUS, { uuid: 'U' }, { name: 'a' }],
  ['and by its number', Dm.DEV_STATUS, { dev: makeDev(253, 0) }, { name: 'a', uuid: 'U' }],
  ['by name and uuid', Dm.DEV_STATUS, { name: 'a', uuid: 'U' }, 'EINVAL'],
  ['by name and number', Dm.DEV_STATUS, { name: 'a', dev: makeDev(253, 0) }, 'ENXIO'],
  ['by nothing', Dm.DEV_STATUS, {}, 'ENXIO'],
  ['a newer interface than there is', Dm.DEV_STATUS, { name: 'a', version: [4, 51, 0] }, 'EINVAL'],
  ['another major', Dm.DEV_STATUS, { name: 'a', version: [3, 0, 0] }, 'EINVAL'],
  ['a buffer of 304 bytes', Dm.DEV_STATUS, { name: 'a', dataSize: 304 }, 'EINVAL'],
  ['one of 305', Dm.DEV_STATUS, { name: 'a', dataSize: 305 }, { eventNr: 0, dataSize: 305 }],
  [
    'a removal has no device number and no open count, and returns the cookie',
    Dm.DEV_REMOVE,
    { name: 'a', eventNr: 77 },
    { flags: UEVENT_GENERATED, dev: 0n, targetCount: 0, eventNr: 77, name: 'a', uuid: 'U' },
  ],
  [
    'a rename has the old name and no uuid, and counts as an event',
    Dm.DEV_RENAME,
    { name: 'a', eventNr: 77 },
    { flags: UEVENT_GENERATED | ACTIVE_PRESENT, name: 'a', uuid: '', eventNr: 1 },
    'b',
  ],
  ['a rename by uuid', Dm.DEV_RENAME, { uuid: 'U' }, 'ENXIO', 'b'],
  ['a rename to its own name', Dm.DEV_RENAME, { name: 'a' }, 'EBUSY', 'a'],
  ['a rename to a name with a slash', Dm.DEV_RENAME, { name: 'a' }, 'EINVAL', 'a/b'],
  [
    'a uuid for a device that has one',
    Dm.DEV_RENAME,
    { name: 'a', flags: DmFlag.UUID },
    'EINVAL',
    'V',
  ],
  [
    'a suspend returns the flags of its request',
    Dm.DEV_SUSPEND,
    { name: 'a', flags: SUSPEND | NOFLUSH },
    { flags: SUSPEND | NOFLUSH | ACTIVE_PRESENT },
  ],
  ['a resume of what runs is no uevent', Dm.DEV_SUSPEND, { name: 'a' }, { flags: ACTIVE_PRESENT }],
  [
    'a list without space',
    Dm.LIST_DEVICES,
    { dataSize: 320 },
    { flags: DmFlag.BUFFER_FULL, dataSize: 305 },
  ],
  ['a list filtered to nothing', Dm.LIST_DEVICES, { name: 'b' }, { flags: 0, dataSize: 312 }],
  [
    'a status without space still counts its targets',
    Dm.TABLE_STATUS,
    { name: 'a', dataSize: 352 },
    { flags: DmFlag.BUFFER_FULL | ACTIVE_PRESENT, targetCount: 1, dataSize: 305 },
  ],
  ['deps of no device are a count alone', Dm.TABLE_DEPS, { name: 'a' }, { dataSize: 320 }],
  [
    'deps without a table',
    Dm.TABLE_DEPS,
    { name: 'a', flags: DmFlag.QUERY_INACTIVE_TABLE },
    { dataSize: 305 },
  ],
  ['a load of nothing', Dm.TABLE_LOAD, { name: 'a' }, 'EINVAL'],
  ['a load of too much', Dm.TABLE_LOAD, { name: 'a', targetCount: 1_048_577 }, 'EOVERFLOW'],
  [
    'a load whose data starts inside the header',
    Dm.TABLE_LOAD,
    { name: 'a', targetCount: 1, dataStart: 304 },
    'EINVAL',
  ],
  ['a create without a name', Dm.DEV_CREATE, { uuid: 'V' }, 'EINVAL'],
  ['the name "control"', Dm.DEV_CREATE, { name: 'control' }, 'EINVAL'],
  ['a minor in use', Dm.DEV_CREATE, { name: 'b', flags: DmFlag.PERSISTENT_DEV }, 'ENXIO'],
  ['an empty message', Dm.TARGET_MSG, { name: 'a' }, 'EINVAL'],
  ['a type there is none of', Dm.GET_TARGET_VERSION, { name: 'nosuch' }, 'EINVAL'],
  ['a geometry of three numbers', Dm.DEV_SET_GEOMETRY, { name: 'a' }, 'EINVAL', '1 1 1'],
  [
    'a version request returns only the version',
    Dm.DEV_SET_GEOMETRY,
    { name: 'a', eventNr: 5 },
    { eventNr: 5, uuid: '' },
    '1 1 1 0',
  ],
];

for (const [title, command, request, expected, payload] of rows) {
  test(`${command.name}: ${title}`, async (t) => {
    const { kernel } = await withDevice();
    const reply = await raw(kernel, command, request, payload);
    if (typeof expected === 'string' || typeof reply === 'string') t.is(reply, expected as string);
    else t.like(reply, { ...expected, version: [4, 50, 0] });
  });
}

for (const minor of [47, 48, 50]) {
  for (const row of RAW_ROWS) {
    test(`interface 4.${minor}: ${row.title}`, async (t) => {
      const version: Version = [4, minor, 0];
      const disks = [{ dev: '8:0', path: '/dev/sda', sectors: 4096 }];
      const kernel = modelKernel({ version, disks });
      const dm = await DeviceMapper.open({ transport: kernel });
      await dm.create(DEVICE, { uuid: UUID, table: [zero({ length: 8 })] });
      await dm.create(LINEAR, { table: [linear({ length: 8, device: '/dev/sda' })] });
      const reply = await raw(kernel, row.command, row.header, row.payload);
      const expected = expectedOf(row, minor);
      if (typeof expected === 'string' || typeof reply === 'string')
        t.is(reply, expected as string);
      else t.like(reply, { ...expected, version });
    });
  }
}

test('a number after the last command and another ioctl type fail with ENOTTY', async (t) => {
  const { kernel } = await withDevice();
  t.is(await raw(kernel, { request: 0xc138fd12 }), 'ENOTTY');
  t.is(await raw(kernel, { request: 0xc138fc00 }), 'ENOTTY');
});

const ages: readonly (readonly [Version, string, DmCommand, Partial<DmHeader>, string | object])[] =
  [
    [
      [4, 47, 0],
      'takes the name "control"',
      Dm.DEV_CREATE,
      { name: 'control' },
      { name: 'control' },
    ],
    [[4, 40, 0], 'has no target version', Dm.GET_TARGET_VERSION, { name: 'zero' }, 'ENOTTY'],
    [
      [4, 44, 0],
      'does not filter its list',
      Dm.LIST_DEVICES,
      { name: 'b' },
      { dataSize: 312 + 16 + 8 },
    ],
  ];
for (const [version, title, command, request, expected] of ages) {
  test(`interface ${version.join('.')} ${title}`, async (t) => {
    const { kernel } = await withDevice(version);
    const reply = await raw(kernel, command, request);
    if (typeof reply === 'string') t.is(reply, expected as string);
    else t.like(reply, expected as object);
  });
}

test('a poller wakes at the first event since it was armed, on its own descriptor', async (t) => {
  const { kernel, dm } = await withDevice();
  const other = kernel.connect();
  await dm.armPoll();
  const woken = kernel.event(undefined).then(() => 'woken');
  await dm.load('a', [zero({ length: 8 })]);
  t.is(await Promise.race([woken, dm.info('a').then(() => 'asleep')]), 'asleep');
  await dm.resume('a');
  t.is(await woken, 'woken');
  await other.event(undefined);
});

test('watch yields the events', async (t) => {
  const { kernel, dm } = await withDevice();
  const events = dm.watch();
  const first = events.next();
  await dm.list();
  await dm.create('b');
  const { value } = await first;
  t.like(value, { type: 'created', device: { name: 'b' } });
  const second = events.next();
  await dm.list();
  kernel.raise('a');
  t.like((await second).value, { type: 'event', device: { name: 'a' } });
  await events.return();
});

test('a wait ends with an event, a removal and an abort', async (t) => {
  const { kernel, dm } = await withDevice();
  const waitThen = async (happens: () => unknown) => {
    const waiting = dm.wait('a', { eventNr: (await dm.info('a')).eventNr });
    await dm.list();
    await happens();
    return (await waiting).info.eventNr;
  };
  t.is(await waitThen(() => kernel.raise('a')), 1);
  t.is(await waitThen(() => dm.remove('a')), 2);
  await dm.create('a');
  const given = new AbortController();
  const waiting = dm.wait('a', { signal: given.signal });
  given.abort(new Error('given up'));
  await t.throwsAsync(waiting, { message: 'given up' });
});

async function withPool(t: ExecutionContext) {
  const { kernel, dm } = await withDevice();
  const pool = await dm.create('pool', {
    table: [
      thinPool({
        length: 128_000,
        metadataDevice: '/dev/sda',
        dataDevice: '/dev/sdb',
        lowWaterMark: 100,
      }),
    ],
  });
  await dm.message('pool', 'create_thin 0');
  await dm.create('thin', { table: [thin({ length: 2048, pool: pool.path, id: 0 })] });
  const status = async () => {
    const found = thinPool.parseStatus((await dm.status('pool')).targets[0]!.params);
    if (found.state !== 'working') return t.fail(found.state);
    return found;
  };
  return { kernel, dm, status };
}

test('a pool runs out of space', async (t) => {
  const { kernel, dm, status } = await withPool(t);
  t.like(await status(), { mode: 'rw', data: { used: 0n, total: 1000n } });
  kernel.setPool('pool', { usedData: 899n });
  t.is((await dm.info('pool')).eventNr, 0);
  kernel.setPool('pool', { usedData: 900n });
  t.is((await dm.info('pool')).eventNr, 1);
  kernel.setPool('pool', { usedData: 1000n });
  t.like(await status(), { mode: 'out_of_data_space' });
  await dm.message('pool', 'delete 0').catch((error) => t.is(error.code, 'EBUSY'));
  kernel.setPool('pool', { mode: 'ro', needsCheck: true });
  await t.throwsAsync(dm.message('pool', 'create_thin 1'), { code: 'ENOTSUP' });
  kernel.setPool('pool', { mode: 'fail' });
  t.is((await dm.status('thin')).targets[0]?.params, 'Fail');
  t.throws(() => kernel.setPool('a', {}), { code: 'ERR_DMTS_INPUT' });
});

test('a suspended pool suspends its thin devices, and they wait for its resume', async (t) => {
  const { dm } = await withPool(t);
  await dm.suspend('pool');
  t.like(await dm.info('thin'), { internallySuspended: true, suspended: false });
  const suspended = dm.suspend('thin').then(() => 'suspended');
  t.is(await Promise.race([suspended, dm.list().then(() => 'waits')]), 'waits');
  await dm.resume('pool');
  t.is(await suspended, 'suspended');
  t.like(await dm.info('thin'), { internallySuspended: false, suspended: true });
});

test('the content of a pool is kept when the pool is removed and created again', async (t) => {
  const { dm } = await withPool(t);
  const { targets } = await dm.table('pool');
  await dm.removeAll();
  const { path } = await dm.create('pool', { table: targets });
  await dm.create('thin', { table: [thin({ length: 2048, pool: path, id: 0 })] });
  await t.throwsAsync(dm.message('pool', 'create_thin 0'), { code: 'EEXIST' });
});

test('a fault affects the given number of calls, and the first matching fault applies', async (t) => {
  const { kernel, dm } = await withDevice();
  const twice = kernel.fail('DM_DEV_STATUS', 'EIO', { times: 2 });
  const never = kernel.fail(({ header }) => header.name === 'b', 'ENOMEM');
  await t.throwsAsync(dm.info('a'), { code: 'EIO' });
  await t.throwsAsync(dm.info('b'), { code: 'EIO' });
  await t.throwsAsync(dm.info('b'), { code: 'ENOMEM' });
  await t.notThrowsAsync(dm.info('a'));
  t.deepEqual([twice.met, never.met], [2, 1]);
  t.throws(() => kernel.fail('DM_DEV_STATUS', 'ENOSUCH'), { instanceOf: RangeError });
  t.throws(() => kernel.fail('DM_DEV_RMOVE' as never, 'EIO'), {
    instanceOf: InputError,
    message: /^filter: expected "DM_VERSION" or .*got "DM_DEV_RMOVE"/,
  });
});

test('a call that hangs continues when the fault ends', async (t) => {
  const { kernel, dm } = await withDevice();
  const stuck = kernel.hang('DM_DEV_SUSPEND');
  const suspended = dm.suspend('a').then(() => 'suspended');
  t.is(await Promise.race([suspended, dm.info('a').then(() => 'hangs')]), 'hangs');
  stuck.end();
  t.is(await suspended, 'suspended');
  t.true((await dm.info('a')).suspended);
});

test('hold, release and raise reject devices in the wrong state', async (t) => {
  const { kernel, dm } = await withDevice();
  await dm.create('b');
  t.throws(() => kernel.hold('c'), { message: 'unknown device c' });
  t.throws(() => kernel.hold('b'), { message: /it has no node before its first table/ });
  t.throws(() => kernel.release('a'), { message: 'cannot close a: it is not open' });
  t.throws(() => kernel.raise('b'), {
    message: 'cannot raise an event of b: it has no live table',
  });
});

test('a table can name a device by its number and its nodes', async (t) => {
  const { dm } = await withDevice();
  for (const device of ['253:0', '/dev/dm-0', '/dev/mapper/a']) {
    await dm.create('on', { table: [linear({ length: 8, device })] });
    t.deepEqual(await dm.deps('on'), [makeDev(253, 0)]);
    t.is((await dm.info('a')).openCount, 1);
    await dm.remove('on');
  }
});

// Measured on Linux 6.12 and 7.2.
for (const [version, outcome] of [
  [[4, 48, 0], '253:1 8'],
  [[4, 50, 0], 'EINVAL'],
] as const) {
  test(`interface ${version.join('.')}: an offset past 64 bits is ${outcome}`, async (t) => {
    const { dm } = await withDevice(version);
    await dm.create('below', { table: [zero({ length: 16 })] });
    const table = [{ length: 8, type: 'linear', params: '253:1 18446744073709551624' }];
    const made = dm.create('on', { table });
    if (outcome === 'EINVAL') await t.throwsAsync(made, { code: outcome });
    else t.is((await made) && (await dm.table('on')).targets[0]?.params, outcome);
  });
}
