// The request of each query, and the result from its reply.

import test from 'ava';
import { DmFlag, type FakeReply, type FakeRequest } from '../../../../src/testing/index.ts';
import { depsList, messageText, nameList } from '../../../support/arbitraries/kernel-replies.ts';
import {
  after,
  DEV,
  recorded,
  scripted,
  statusOf,
  takesString,
} from '../../../support/dm/scripted.ts';

const { ACTIVE_PRESENT: LIVE } = DmFlag;

test('list: names and uuids are unmangled, device numbers are split', async (t) => {
  const dm = await scripted(t, [
    [
      'LIST_DEVICES',
      ({ header }) => {
        t.is(header.flags, DmFlag.UUID);
        return {
          payload: nameList([
            { name: 'a\\x20b', dev: DEV, eventNr: 3, uuid: 'x\\x2fy' },
            { name: 'c', dev: 0xfd01n, eventNr: 0, uuid: undefined },
          ]),
        };
      },
    ],
  ]);
  t.deepEqual(await dm.list(), [
    {
      name: 'a b',
      mangledName: 'a\\x20b',
      uuid: 'x/y',
      dev: DEV,
      major: 253,
      minor: 0,
      path: '/dev/dm-0',
      eventNr: 3,
    },
    {
      name: 'c',
      mangledName: 'c',
      uuid: undefined,
      dev: 0xfd01n,
      major: 253,
      minor: 1,
      path: '/dev/dm-1',
      eventNr: 0,
    },
  ]);
});

const BITS: readonly (readonly [flag: number, field: string])[] = [
  [DmFlag.SUSPEND, 'suspended'],
  [DmFlag.READONLY, 'readOnly'],
  [DmFlag.ACTIVE_PRESENT, 'live'],
  [DmFlag.INACTIVE_PRESENT, 'inactive'],
  [DmFlag.DEFERRED_REMOVE, 'deferredRemove'],
  [DmFlag.INTERNAL_SUSPEND, 'internallySuspended'],
];

for (const [flag, field] of BITS) {
  test(`info: ${field} depends on one bit only`, async (t) => {
    const names = BITS.map(([, name]) => name);
    const only = Object.fromEntries(names.map((name) => [name, name === field]));
    const others = Object.fromEntries(names.map((name) => [name, name !== field]));
    const dm = await scripted(t, [
      ['DEV_STATUS a', { flags: flag }],
      // BUFFER_FULL is not a state: it causes another request.
      ['DEV_STATUS a', { flags: ~(flag | DmFlag.BUFFER_FULL) >>> 0 }],
    ]);
    t.like(await dm.info('a'), { ...only, flags: flag });
    t.like(await dm.info('a'), others);
  });
}

const QUERIES: readonly (readonly [options: object, status: number, table: number])[] = [
  [{}, 0, 0x10],
  [{ noFlush: true }, 0x800, 0x810],
  [{ inactive: true }, 0x1000, 0x1010],
  [{ noFlush: true, inactive: true }, 0x1800, 0x1810],
];

for (const [options, status, table] of QUERIES) {
  test(`the flags of status and table with ${JSON.stringify(options)}`, async (t) => {
    const { dm, seen } = await recorded(() => statusOf(LIVE, 'text'));
    const line = { start: 0n, length: 8n, type: 'zero', params: 'text' };
    t.like((await dm.status('a', options)).targets[0], line);
    t.like((await dm.table('a', options)).targets[0], line);
    t.deepEqual(
      seen.map(({ header }) => header.flags),
      [status, table],
    );
  });
}

test('deps: of the live table and of the inactive table', async (t) => {
  const dm = await scripted(t, [
    ['TABLE_DEPS a', after(({ header }) => t.is(header.flags, 0), { payload: depsList([0x700n]) })],
    ['TABLE_DEPS a', after(({ header }) => t.is(header.flags, 0x1000))],
  ]);
  t.deepEqual(await dm.deps('a'), [0x700n]);
  t.deepEqual(await dm.deps('a', { inactive: true }), []);
});

test('exists: true, false for ENXIO, an error otherwise', async (t) => {
  const dm = await scripted(t, [
    ['DEV_STATUS a'],
    ['DEV_STATUS a', 'ENXIO'],
    ['DEV_STATUS a', 'EPERM'],
  ]);
  t.true(await dm.exists('a'));
  t.false(await dm.exists('a'));
  await t.throwsAsync(dm.exists('a'), { code: 'EPERM' });
});

test('wait: from the given event number, or from the current one', async (t) => {
  const waited =
    (eventNr: number) =>
    ({ header }: FakeRequest): FakeReply => {
      t.is(header.eventNr, eventNr);
      return { eventNr: eventNr + 1 };
    };
  const dm = await scripted(t, [
    ['DEV_WAIT a', waited(7)],
    ['DEV_WAIT a', waited(0)],
    ['DEV_STATUS a', { eventNr: 41 }],
    ['DEV_WAIT a', waited(41)],
  ]);
  t.is((await dm.wait('a', { eventNr: 7 })).info.eventNr, 8);
  await dm.wait('a', { eventNr: 0 });
  t.is((await dm.wait('a')).info.eventNr, 42);
});

test('message: sends the sector and the text, and returns the reply only if there is one', async (t) => {
  const dm = await scripted(t, [
    [
      'TARGET_MSG a',
      ({ payload }) => {
        t.is(payload.readBigUInt64LE(0), 9n);
        t.is(payload.toString('utf8', 8, 15), 'x é y\0');
        return { payload: messageText('answer é'), flags: DmFlag.DATA_OUT };
      },
    ],
    ['TARGET_MSG a', { payload: messageText('stale') }],
  ]);
  t.is(await dm.message('a', 'x é y', { sector: 9 }), 'answer é');
  t.is(await dm.message('a', 'x'), undefined);
});

test('message: sends a message to the device mapper itself with the option core', async (t) => {
  const dm = await scripted(t, [
    [
      'TARGET_MSG a',
      after(({ payload }) => t.is(payload.toString('latin1', 8, 20), '@stats_list\0')),
    ],
    [
      'TARGET_MSG a',
      after(({ payload }) => t.is(payload.toString('latin1', 8, 31), '@cancel_deferred_remove')),
    ],
  ]);
  await dm.message('a', '@stats_list', { core: true });
  await dm.cancelDeferredRemove('a');
});

test('setGeometry: sends four numbers', async (t) => {
  const dm = await scripted(t, [['DEV_SET_GEOMETRY a', takesString('65535 255 255 4261413375')]]);
  await t.notThrowsAsync(
    dm.setGeometry('a', { cylinders: 65_535, heads: 255, sectors: 255, start: 65_535 * 255 * 255 }),
  );
});
