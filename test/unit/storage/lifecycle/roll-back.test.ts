// A rollback deletes a thin device only if it provably belongs to the transaction.

import test from 'ava';
import type { LayerRecord } from '../../../../src/storage/directory/records.ts';
import { isProven } from '../../../../src/storage/directory/roll-back.ts';
import { compareTransaction } from '../../../../src/storage/lifecycle/pending-transaction.ts';
import { rollBackPending, unprovenLayers } from '../../../../src/storage/lifecycle/roll-back.ts';
import type { ThinDetails } from '../../../../src/thin/metadata/device-details.ts';
import { PENDING, RECORD } from '../../../support/storage/pending.ts';

const device = (transactionId: bigint, creationTime = 3, mappedBlocks = 0n): ThinDetails => ({
  mappedBlocks,
  transactionId,
  creationTime,
  snapTime: creationTime,
});

const older = { ...RECORD, transactionId: 4n };

interface Row {
  readonly what: string;
  readonly thin?: ThinDetails;
  readonly record?: LayerRecord;
  readonly others?: readonly ThinDetails[];
  readonly proven: boolean;
}

const ROWS: readonly Row[] = [
  { what: 'the pool has no such device', proven: true },
  { what: 'a device of this transaction, without a record', thin: device(7n), proven: true },
  {
    what: 'a device of this transaction, with its record',
    thin: device(7n),
    record: RECORD,
    proven: true,
  },
  { what: 'a device of an earlier transaction, without a record', thin: device(3n), proven: false },
  { what: 'a device of a later transaction', thin: device(9n), proven: false },
  {
    what: 'a device of the same transaction id that is older than the last snapshot',
    thin: device(7n, 2),
    others: [device(1n, 3)],
    proven: false,
  },
  {
    what: 'a snapshot of this transaction, without a record',
    thin: device(7n, 3, 40n),
    others: [device(1n, 1, 40n)],
    proven: true,
  },
  {
    what: 'a device of the same transaction id that has data of its own, without a record',
    thin: device(7n, 3, 41n),
    others: [device(1n, 1, 40n)],
    proven: false,
  },
  {
    what: 'a device of this transaction with data, with its record',
    thin: device(7n, 3, 41n),
    record: RECORD,
    proven: true,
  },
  {
    what: 'a layer whose deletion had not begun',
    thin: device(3n, 3, 40n),
    record: older,
    proven: false,
  },
  {
    what: 'a layer that is marked as deleted',
    thin: device(3n, 3, 40n),
    record: { ...older, deleted: true },
    proven: true,
  },
  { what: 'a layer whose blocks are discarded', thin: device(3n), record: older, proven: true },
  { what: 'a layer whose device is another one', thin: device(7n), record: older, proven: false },
];

for (const { what, thin, record, others = [], proven } of ROWS) {
  test(`${what}: ${proven ? 'proven' : 'not proven'}`, (t) => {
    const census = new Map(others.map((details, index) => [100 + index, details]));
    if (thin !== undefined) census.set(PENDING.deviceId, thin);
    t.is(isProven(PENDING, record, census), proven);
    t.false(
      isProven(PENDING, record, undefined),
      'nothing is proven without the thin devices of the pool',
    );
  });
}

const NOT_ACCEPTED = { acceptPool: false };

/** Roll back with a pool on which any call fails the test. */
async function rollBackUnproven(record: LayerRecord | undefined) {
  const done: string[] = [];
  const notices: string[] = [];
  const records = {
    get: () => record,
    remove: async (id: string) => void done.push(`remove ${id}`),
    rollBackTransaction: async () => void done.push('roll back'),
  };
  type Parts = Parameters<typeof rollBackPending>[0];
  const gone = await rollBackPending(
    { records } as unknown as Parts,
    PENDING,
    {
      census: new Map([[5, device(2n)]]),
      notice: (text) => notices.push(text),
    },
    NOT_ACCEPTED,
  );
  return { gone, done, notices };
}

test('a layer whose record is of the pending transaction and whose thin device is missing is not dropped', async (t) => {
  const done: string[] = [];
  const records = {
    get: () => RECORD,
    removeTransaction: async () => void done.push('accept'),
  };
  type Parts = Parameters<typeof rollBackPending>[0];
  const parts = { records, pool: { name: 'tank' } } as unknown as Parts;
  const evidence = { census: new Map([[1, device(2n)]]), notice: () => undefined };
  await t.throwsAsync(rollBackPending(parts, PENDING, evidence, NOT_ACCEPTED), {
    code: 'ERR_STORAGE_POOL',
    message:
      /^thin pool 'tank': its transaction id is 7, and it does not have thin device 5 of layer "b"/,
  });
  t.deepEqual(done, []);
  t.is(await rollBackPending(parts, PENDING, evidence, { acceptPool: true }), undefined);
  t.deepEqual(done, ['accept']);
});

test('an unproven thin device remains in the pool, with a notice', async (t) => {
  const { gone, done, notices } = await rollBackUnproven(undefined);
  t.is(gone, undefined);
  t.deepEqual(done, ['roll back']);
  t.deepEqual(notices, [
    'transaction 8 of layer "b" is not complete, and thin device 5 is not proven to be its device: the thin device stays in the pool',
  ]);
});

test('an unproven create loses its record; a layer whose delete is pending keeps it', async (t) => {
  t.deepEqual((await rollBackUnproven(RECORD)).done, ['remove b', 'roll back']);
  const { done, notices } = await rollBackUnproven(older);
  t.deepEqual(done, ['roll back']);
  t.regex(notices.join(), /layer "b" stays$/);
});

const CONTRADICTIONS: readonly (readonly [what: string, id: string, LayerRecord, RegExp])[] = [
  [
    'another device',
    'b',
    { ...older, deviceId: 6 },
    /but the record of layer "b" names thin device 6/,
  ],
  [
    'a layer that was created later',
    'b',
    { ...RECORD, transactionId: 9n },
    /created later, in transaction 9/,
  ],
  [
    'the device of another layer',
    'c',
    older,
    /but the record of layer "c" names the same thin device/,
  ],
  [
    'the transaction of another layer',
    'c',
    { ...RECORD, deviceId: 6 },
    /in transaction 8, but layer "c" was created in transaction 8.*move the file away/,
  ],
];

const COMPLETE = { ...older, deviceId: 1, initialized: true };

const ANY_BASE = /the base device, and layers exist.*move the file away/;

for (const [what, pending, problem, base = COMPLETE] of [
  ['the complete base device', { openId: 8n, hash: '', deviceId: 1 }, ANY_BASE],
  [
    'an incomplete base device below layers',
    { openId: 8n, hash: '', deviceId: 1 },
    ANY_BASE,
    { ...COMPLETE, initialized: false },
  ],
  ['a path', { openId: 8n, hash: '../x', deviceId: 5 }, /layer "\.\.\/x", which is not a layer id/],
  [
    'another file',
    { openId: 8n, hash: 'deviceset-metadata', deviceId: 5 },
    /which is not a layer id/,
  ],
] as const) {
  test(`a pending transaction that names ${what} is refused`, async (t) => {
    const layers = new Map<string, LayerRecord>([
      ['', base],
      ['a', { ...older, initialized: true }],
    ]);
    type Parts = Parameters<typeof compareTransaction>[0];
    const parts = {
      pool: { name: 'tank', status: async () => ({ state: 'working', transactionId: 7n }) },
      records: {
        get: (layer: string) => layers.get(layer),
        entries: () => layers.entries(),
        size: layers.size,
        readTransaction: async () => pending,
      },
    } as unknown as Parts;
    await t.throwsAsync(compareTransaction(parts, { acceptPool: false }), {
      code: 'ERR_STORAGE_RECORD',
      message: problem,
    });
  });
}

test('a layer whose record the pool contradicts stays, with a notice; the base device is not one', (t) => {
  const layers = new Map<string, LayerRecord>([
    ['', { ...RECORD, deleted: true }],
    ['mine', { ...RECORD, deviceId: 5, deleted: true }],
    ['gone', { ...RECORD, deviceId: 6, deleted: true }],
    ['foreign', { ...RECORD, deviceId: 7, deleted: true }],
    ['lost', { ...RECORD, deviceId: 8 }],
    ['strange', { ...RECORD, deviceId: 9 }],
  ]);
  const census = new Map([
    [5, device(7n)],
    [7, device(3n)],
    [9, device(3n)],
  ]);
  const notices: string[] = [];
  const evidence = { census, notice: (text: string) => void notices.push(text) };
  t.deepEqual([...unprovenLayers(layers, { ...evidence, census: undefined })], []);
  t.deepEqual([...unprovenLayers(layers, evidence)], ['foreign', 'strange']);
  t.deepEqual(notices, [
    'the deletion of layer "foreign" is pending, but thin device 7 is not proven to be its device: both stay',
    'the record of layer "lost" names thin device 8, which the pool does not have',
    'the record of layer "strange" names thin device 9 and transaction 8, but the pool created that in transaction 4: the record is damaged or belongs to another storage, and the layer cannot be removed',
  ]);
});

for (const [what, id, record, problem] of CONTRADICTIONS) {
  test(`a pending transaction that names ${what} is rejected`, async (t) => {
    const layers = new Map([[id, record]]);
    type Parts = Parameters<typeof compareTransaction>[0];
    const parts = {
      pool: { name: 'tank', status: async () => ({ state: 'working', transactionId: 7n }) },
      records: {
        get: (layer: string) => layers.get(layer),
        entries: () => layers.entries(),
        readTransaction: async () => PENDING,
      },
    } as unknown as Parts;
    await t.throwsAsync(compareTransaction(parts, { acceptPool: false }), {
      code: 'ERR_STORAGE_RECORD',
      message: problem,
    });
  });
}
