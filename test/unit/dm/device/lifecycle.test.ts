// The requests of each operation in their order, and how it rolls back or recovers if the kernel fails one.

import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { DmError } from '../../../../src/dm/wire/errors.ts';
import { DmFlag } from '../../../../src/testing/index.ts';
import { nameList, targetList } from '../../../support/arbitraries/kernel-replies.ts';
import {
  after,
  DEV,
  recorded,
  type Step,
  scripted,
  statusOf,
  takesString,
  ZERO,
} from '../../../support/dm/scripted.ts';
import { fakeClock } from '../../../support/fake-clock.ts';

const { ACTIVE_PRESENT: LIVE, INACTIVE_PRESENT: INACTIVE, SUSPEND: SUSPENDED } = DmFlag;

// --- create ---------------------------------------------------------------------------------------

test('create without a table: CREATE', async (t) => {
  const dm = await scripted(t, [
    ['DEV_CREATE a\\x20b', after(({ header }) => t.is(header.flags, 0), { dev: DEV, uuid: 'u' })],
  ]);
  t.like(await dm.create('a b', { uuid: 'u' }), {
    name: 'a b',
    mangledName: 'a\\x20b',
    uuid: 'u',
    dev: DEV,
    major: 253,
    minor: 0,
    path: '/dev/dm-0',
    live: false,
  });
});

test('create with a table: CREATE, LOAD and RESUME by number', async (t) => {
  const dm = await scripted(t, [
    [
      'DEV_CREATE a',
      ({ header }) => {
        t.like(header, { flags: DmFlag.PERSISTENT_DEV, dev: 7n, uuid: 'u', eventNr: 0 });
        return { dev: DEV };
      },
    ],
    [
      'TABLE_LOAD dev fd00',
      after(({ header }) => t.like(header, { flags: DmFlag.READONLY, targetCount: 1 })),
    ],
    [
      'DEV_SUSPEND dev fd00',
      ({ header }) => {
        t.is(header.flags, 0);
        return { name: 'a', flags: LIVE | DmFlag.READONLY };
      },
    ],
  ]);
  const options = { uuid: 'u', minor: 7, table: ZERO, readOnly: true };
  t.like(await dm.create('a', options), {
    name: 'a',
    live: true,
    readOnly: true,
    suspended: false,
  });
});

const REFUSALS: readonly (readonly [
  title: string,
  steps: readonly Step[],
  error: object,
  message: RegExp,
])[] = [
  [
    'CREATE fails: no rollback',
    [['DEV_CREATE a', 'EBUSY']],
    { code: 'EBUSY', command: 'DM_DEV_CREATE', device: 'a' },
    /A device with this name or uuid already exists: "dmts info" shows it/,
  ],
  [
    'LOAD fails: the device is removed',
    [['DEV_CREATE a', { dev: DEV }], ['TABLE_LOAD dev fd00', 'ENOMEM'], ['DEV_REMOVE dev fd00']],
    { code: 'ENOMEM', command: 'DM_TABLE_LOAD', device: 'a' },
    /^ENOMEM: not enough memory, ioctl DM_TABLE_LOAD 'a'$/,
  ],
  [
    'RESUME fails: the device is removed without a recovery',
    [
      ['DEV_CREATE a', { dev: DEV }],
      ['TABLE_LOAD dev fd00'],
      ['DEV_SUSPEND dev fd00', 'EINVAL'],
      ['DEV_STATUS dev fd00', { flags: SUSPENDED | LIVE }],
      ['DEV_REMOVE dev fd00'],
    ],
    { code: 'EINVAL', command: 'DM_DEV_SUSPEND', device: 'a' },
    /^EINVAL: invalid argument, ioctl DM_DEV_SUSPEND 'a'$/,
  ],
  [
    'the removal fails as well: the first error, with a hint about the second',
    [
      ['DEV_CREATE a', { dev: DEV }],
      ['TABLE_LOAD dev fd00', 'ENOMEM'],
      ['DEV_REMOVE dev fd00', 'EBUSY'],
    ],
    { code: 'ENOMEM', command: 'DM_TABLE_LOAD', device: 'a' },
    /The incomplete device could not be removed \(EBUSY\): remove it$/,
  ],
];

for (const [title, steps, error, message] of REFUSALS) {
  test(`create: ${title}`, async (t) => {
    const dm = await scripted(t, steps);
    t.like(
      await t.throwsAsync(dm.create('a', { table: ZERO }), { name: 'DmError', message }),
      error,
    );
  });
}

for (const during of ['DEV_CREATE', 'TABLE_LOAD'] as const) {
  test(`create: an abort during ${during} removes the device`, async (t) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const reply = after(() => abort.abort(reason), { dev: DEV });
    const steps: readonly Step[] =
      during === 'DEV_CREATE'
        ? [['DEV_CREATE a', reply]]
        : [
            ['DEV_CREATE a', { dev: DEV }],
            ['TABLE_LOAD dev fd00', reply],
          ];
    const dm = await scripted(t, [...steps, ['DEV_REMOVE dev fd00']]);
    const { signal } = abort;
    t.is(await t.throwsAsync(dm.create('a', { table: ZERO, signal })), reason);
  });
}

test('create: an abort that interrupts RESUME removes the device', async (t) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const dm = await scripted(t, [
    ['DEV_CREATE a', { dev: DEV }],
    ['TABLE_LOAD dev fd00'],
    ['DEV_SUSPEND dev fd00', after(() => abort.abort(reason), 'EINTR')],
    ['DEV_REMOVE dev fd00', 'EBUSY'],
  ]);
  t.is(await t.throwsAsync(dm.create('a', { table: ZERO, signal: abort.signal })), reason);
});

// --- resume and reload ----------------------------------------------------------------------------

test('resume with an inactive table: TABLE_STATUS without a flush, RESUME with the requested flags', async (t) => {
  const dm = await scripted(t, [
    ['DEV_STATUS a', { flags: LIVE | INACTIVE }],
    [
      'TABLE_STATUS a',
      after(({ header }) => t.is(header.flags, DmFlag.STATUS_TABLE | DmFlag.NOFLUSH)),
    ],
    [
      'DEV_SUSPEND a',
      after(({ header }) => t.is(header.flags, DmFlag.NOFLUSH | DmFlag.SKIP_LOCKFS), {
        flags: LIVE,
      }),
    ],
  ]);
  t.like(await dm.resume('a', { noFlush: true, skipLockFs: true }), { live: true });
});

const SWAP: readonly Step[] = [
  ['DEV_STATUS a', { flags: SUSPENDED | LIVE | INACTIVE }],
  ['TABLE_STATUS a', statusOf(SUSPENDED | LIVE | INACTIVE)],
  ['DEV_SUSPEND a', 'EINVAL'],
];
const OLD_TABLE = 'The new table is discarded, and the device runs on its old table again';
const NEW_TABLE =
  'The new table is live nevertheless: check the status of the device, and load the old table to return to it';
const STUCK = 'The device is suspended: load a valid table and resume it';

const MENDED: readonly (readonly [
  title: string,
  steps: readonly Step[],
  hint: string | undefined,
])[] = [
  [
    'suspended with the old table live: a second resume',
    [
      ...SWAP,
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['DEV_SUSPEND a', { flags: LIVE }],
      ['TABLE_STATUS a', statusOf(LIVE)],
    ],
    OLD_TABLE,
  ],
  // A thin pool fails its first resume with ENOSPC, then accepts the second one without growing.
  [
    'suspended with the new table live, and a second resume succeeds: the hint says that it is live',
    [
      ...SWAP,
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['DEV_SUSPEND a', { flags: LIVE }],
      ['TABLE_STATUS a', statusOf(LIVE, 'new')],
    ],
    NEW_TABLE,
  ],
  [
    'the query for the live table fails',
    [
      ...SWAP,
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['DEV_SUSPEND a', { flags: LIVE }],
      ['TABLE_STATUS a', 'EIO'],
    ],
    'The device runs, on the old table or the new one: check its table',
  ],
  [
    'suspended with the new table live, and a second resume fails: the old table is loaded again',
    [
      ...SWAP,
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['DEV_SUSPEND a', 'EINVAL'],
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['TABLE_LOAD a', {}],
      ['DEV_SUSPEND a', { flags: LIVE }],
      ['TABLE_STATUS a', statusOf(LIVE)],
    ],
    OLD_TABLE,
  ],
  [
    'every recovery fails: the hint says that the device is suspended',
    [
      ...SWAP,
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['DEV_SUSPEND a', 'EINVAL'],
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['TABLE_LOAD a', 'ENOMEM'],
    ],
    STUCK,
  ],
  [
    'the inactive table still exists',
    [...SWAP, ['DEV_STATUS a', { flags: SUSPENDED | LIVE | INACTIVE }]],
    undefined,
  ],
  ['the device is not suspended', [...SWAP, ['DEV_STATUS a', { flags: LIVE }]], undefined],
  ['the device has no table', [...SWAP, ['DEV_STATUS a', { flags: SUSPENDED }]], undefined],
  ['the device is removed', [...SWAP, ['DEV_STATUS a', 'ENXIO']], undefined],
  // Regression test: the error of the recovery replaced the error of the resume.
  ['the query for the state fails', [...SWAP, ['DEV_STATUS a', 'EIO']], undefined],
];

for (const [title, steps, hint] of MENDED) {
  test(`a failed resume: ${title}`, async (t) => {
    const dm = await scripted(t, steps);
    const error = await t.throwsAsync<DmError>(dm.resume('a'), { name: 'DmError', code: 'EINVAL' });
    t.is(error.command, 'DM_DEV_SUSPEND');
    t.is(error.device, 'a');
    t.is(error.hint, hint);
  });
}

test('a failed resume without an inactive table: no recovery', async (t) => {
  const dm = await scripted(t, [
    ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
    ['DEV_SUSPEND a', 'EINVAL'],
    ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
  ]);
  await t.throwsAsync(dm.resume('a'), { code: 'EINVAL' });
});

test('reload: LOAD, RESUME', async (t) => {
  const dm = await scripted(t, [
    ['TABLE_LOAD a'],
    ['DEV_STATUS a', { flags: LIVE | INACTIVE }],
    ['TABLE_STATUS a', statusOf(LIVE | INACTIVE)],
    ['DEV_SUSPEND a', { flags: LIVE }],
  ]);
  t.like(await dm.reload('a', ZERO), { live: true, inactive: false });
});

test('reload: a failed LOAD does not clear the inactive slot', async (t) => {
  const dm = await scripted(t, [['TABLE_LOAD a', 'EPERM']]);
  await t.throwsAsync(dm.reload('a', ZERO), { code: 'EPERM' });
});

for (const [title, clear] of [
  ['cleared', {}],
  ['cleared, and an error of that is ignored', 'ENXIO'],
] as const) {
  test(`reload: after a failed RESUME the inactive slot is ${title}`, async (t) => {
    const dm = await scripted(t, [
      ['TABLE_LOAD a'],
      ['DEV_STATUS a', { flags: LIVE | INACTIVE }],
      ['TABLE_STATUS a', statusOf(LIVE | INACTIVE)],
      ['DEV_SUSPEND a', 'EAGAIN'],
      ['DEV_STATUS a', { flags: LIVE | INACTIVE }],
      ['TABLE_CLEAR a', clear],
    ]);
    await t.throwsAsync(dm.reload('a', ZERO), { code: 'EAGAIN' });
  });
}

test('reload: an abort of RESUME clears the inactive slot', async (t) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const dm = await scripted(t, [
    ['TABLE_LOAD a'],
    ['DEV_STATUS a', { flags: LIVE | INACTIVE }],
    ['TABLE_STATUS a', statusOf(LIVE | INACTIVE)],
    ['DEV_SUSPEND a', after(() => abort.abort(reason), 'EINTR')],
    ['TABLE_CLEAR a'],
  ]);
  t.is(await t.throwsAsync(dm.reload('a', ZERO, { signal: abort.signal })), reason);
});

// --- remove ---------------------------------------------------------------------------------------

test('remove: REMOVE', async (t) => {
  const dm = await scripted(t, [['DEV_REMOVE a', after(({ header }) => t.is(header.flags, 0))]]);
  t.deepEqual(await dm.remove('a'), { deferred: false });
});

for (const [flags, deferred] of [
  [0, false],
  [DmFlag.DEFERRED_REMOVE, true],
] as const) {
  test(`remove, deferred: the result is ${deferred} as in the reply`, async (t) => {
    const dm = await scripted(t, [
      [
        'DEV_REMOVE a',
        after(({ header }) => t.is(header.flags, DmFlag.DEFERRED_REMOVE), { flags }),
      ],
    ]);
    t.deepEqual(await dm.remove('a', { deferred: true }), { deferred });
  });
}

test.serial('remove: retries a busy device until it succeeds', async (t) => {
  const { sleeps } = fakeClock(t);
  const dm = await scripted(t, [
    ['DEV_REMOVE a', 'EBUSY'],
    ['DEV_REMOVE a', 'EBUSY'],
    ['DEV_REMOVE a'],
  ]);
  t.deepEqual(await dm.remove('a', { retryMs: 5000 }), { deferred: false });
  t.deepEqual(sleeps, [200, 200]);
});

test('remove: with 0 ms tries a busy device once', async (t) => {
  const { dm, seen } = await recorded(() => 'EBUSY');
  await t.throwsAsync(dm.remove('a', { retryMs: 0 }), { code: 'EBUSY' });
  t.is(seen.length, 1);
});

for (const retryMs of [-1, Number.NaN]) {
  test(`remove: rejects ${retryMs} ms`, async (t) => {
    const { dm, seen } = await recorded(() => 'EBUSY');
    const message = /^retryMs: expected a non-negative number of milliseconds/;
    await t.throwsAsync(dm.remove('a', { retryMs }), { code: 'ERR_DMTS_INPUT', message });
    t.is(seen.length, 0);
  });
}

// libdevmapper makes 25 tries, which take 4.8 s.
for (const [retryMs, at] of [
  [100, [0, 100]],
  [400, [0, 200, 400]],
  [500, [0, 200, 400, 500]],
  [4800, Array.from({ length: 25 }, (_, i) => i * 200)],
] as const) {
  test.serial(
    `remove: with ${retryMs} ms retries a busy device every 200 ms, and a last time at the end`,
    async (t) => {
      const clock = fakeClock(t);
      const tries: number[] = [];
      const { dm } = await recorded(() => {
        tries.push(clock.now());
        return 'EBUSY';
      });
      await t.throwsAsync(dm.remove('a', { retryMs }), { code: 'EBUSY' });
      t.deepEqual(tries, at);
    },
  );
}

test.serial(
  'remove: with a slow kernel makes fewer tries, and still a last one at the end',
  async (t) => {
    const clock = fakeClock(t);
    const tries: number[] = [];
    const { dm } = await recorded(async () => {
      await sleep(100);
      tries.push(clock.now());
      return 'EBUSY';
    });
    await t.throwsAsync(dm.remove('a', { retryMs: 500 }), { code: 'EBUSY' });
    t.deepEqual(tries, [100, 400, 600]);
  },
);

test('remove: does not retry after another error', async (t) => {
  const dm = await scripted(t, [['DEV_REMOVE a', 'ENXIO']]);
  await t.throwsAsync(dm.remove('a', { retryMs: 5000 }), { code: 'ENXIO' });
});

test.serial(
  'remove: an abort between two tries rejects immediately with the reason of the signal',
  async (t) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const clock = fakeClock(t, () => abort.abort(reason));
    const { dm, seen } = await recorded(() => 'EBUSY');
    // Regression test: it rejected with the AbortError of the timer.
    t.is(await t.throwsAsync(dm.remove('a', { retryMs: 60_000, signal: abort.signal })), reason);
    t.is(seen.length, 1);
    t.is(clock.now(), 0);
  },
);

test('remove with force: replaces the table with an error target, without waiting for I/O', async (t) => {
  const steps: readonly Step[] = [
    [
      'TABLE_STATUS a',
      {
        flags: LIVE | DmFlag.READONLY,
        targetCount: 2,
        payload: targetList([
          { start: 0n, length: 8n, type: 'zero', params: '' },
          { start: 8n, length: 9n, type: 'linear', params: '7:0 0' },
        ]),
      },
    ],
    [
      'TABLE_LOAD a',
      ({ header, payload }) => {
        t.like(header, { targetCount: 1, flags: DmFlag.READONLY });
        t.is(payload.readBigUInt64LE(8), 17n);
        t.is(payload.toString('latin1', 24, 40), 'error'.padEnd(16, '\0'));
        return {};
      },
    ],
    ['DEV_STATUS a', { flags: LIVE | DmFlag.READONLY }],
    [
      'DEV_SUSPEND a',
      after(({ header }) => t.is(header.flags, DmFlag.NOFLUSH | DmFlag.SKIP_LOCKFS), {
        flags: LIVE,
      }),
    ],
    ['DEV_REMOVE a'],
  ];
  const dm = await scripted(t, steps);
  await dm.remove('a', { force: true });
});

test('remove with force: replaces nothing if there is no table', async (t) => {
  const dm = await scripted(t, [['TABLE_STATUS a'], ['DEV_REMOVE a']]);
  t.deepEqual(await dm.remove('a', { force: true }), { deferred: false });
});

test('removeAll: REMOVE_ALL, and a query of the remaining devices', async (t) => {
  const dm = await scripted(t, [
    ['REMOVE_ALL', after(({ header }) => t.is(header.flags, DmFlag.DEFERRED_REMOVE))],
    ['LIST_DEVICES', { payload: nameList([{ name: 'a', dev: DEV, eventNr: 0, uuid: undefined }]) }],
    // The device is removed after the list.
    ['DEV_STATUS dev fd00', 'ENXIO'],
  ]);
  await dm.removeAll({ deferred: true });
});

// --- rename and uuid ------------------------------------------------------------------------------

for (const [title, ref, lookUp] of [
  ['name', 'old', []],
  ['uuid', { uuid: 'u' }, [['DEV_STATUS u', { name: 'old' }]]],
  ['number', { dev: DEV }, [['DEV_STATUS dev fd00', { name: 'old' }]]],
] as const) {
  const looked: readonly Step[] = lookUp;
  test(`rename by ${title}: the request has the name`, async (t) => {
    const dm = await scripted(t, [
      ...looked,
      ['DEV_RENAME old', takesString('new\\x20name')],
      ['DEV_STATUS dev fd00', { name: 'new\\x20name' }],
    ]);
    t.like(await dm.rename(ref, 'new name'), { name: 'new name' });
  });

  test(`setUuid by ${title}: a rename with the uuid flag`, async (t) => {
    const dm = await scripted(t, [
      ...looked,
      [
        'DEV_RENAME old',
        (request) => {
          t.is(request.header.flags, DmFlag.UUID);
          return takesString('a\\x2fb')(request);
        },
      ],
      ['DEV_STATUS old', { uuid: 'a\\x2fb' }],
    ]);
    t.like(await dm.setUuid(ref, 'a/b'), { uuid: 'a/b' });
  });
}

// --- errors of the transport ----------------------------------------------------------------------

const broken = new Error('the transport broke');
const breaks = (): never => {
  throw broken;
};

const BREAKS: readonly (readonly [title: string, steps: readonly Step[]])[] = [
  ['the query for the state', [...SWAP, ['DEV_STATUS a', breaks]]],
  [
    'the recovery',
    [
      ...SWAP,
      ['DEV_STATUS a', { flags: SUSPENDED | LIVE }],
      ['DEV_SUSPEND a', breaks],
      ['TABLE_LOAD a', breaks],
    ],
  ],
];
for (const [title, steps] of BREAKS) {
  test(`an error of the transport in ${title} does not replace the error of the resume`, async (t) => {
    const dm = await scripted(t, steps);
    const expected = { name: 'DmError', code: 'EINVAL', command: 'DM_DEV_SUSPEND' };
    t.like(await t.throwsAsync(dm.resume('a')), expected);
  });
}

test('makeNodes throws an error of the transport unchanged', async (t) => {
  const dm = await scripted(t, [
    ['LIST_DEVICES', { payload: nameList([{ name: 'a', dev: DEV, eventNr: 0, uuid: undefined }]) }],
    ['DEV_STATUS dev fd00', breaks],
  ]);
  t.is(await t.throwsAsync(dm.makeNodes()), broken);
});
