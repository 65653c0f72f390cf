// The content of records: Docker's exact bytes, and all rejected forms.

import test from 'ava';
import fc from 'fast-check';
import { StorageError } from '../../../../src/storage/config/errors.ts';
import {
  deviceSetKind,
  layerKind,
  parseRecord,
  parseSingleFile,
  type RecordKind,
  setupKind,
  transactionKind,
} from '../../../../src/storage/directory/records.ts';
import { anyCharacter } from '../../../support/arbitraries/values.ts';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const thinId = fc.nat({ max: 2 ** 24 - 1 });
const percent = fc.nat({ max: 100 });

function roundTrip<T>(title: string, kind: RecordKind<T>, records: fc.Arbitrary<T>): void {
  test(`${title}: a printed record can be parsed`, (t) => {
    fc.assert(
      fc.property(records, (record) => t.deepEqual(kind.parse(kind.print(record)), record)),
    );
    t.pass();
  });
}

roundTrip(
  'a layer',
  layerKind,
  fc.record({
    deviceId: thinId,
    size: u64,
    transactionId: u64,
    initialized: fc.boolean(),
    deleted: fc.boolean(),
  }),
);
roundTrip(
  'all devices',
  deviceSetKind,
  fc.record({
    nextDeviceId: thinId,
    baseUuid: fc.string(),
    baseFilesystem: fc.constantFrom('', 'ext4', 'xfs'),
  }),
);
roundTrip(
  'a transaction',
  transactionKind,
  fc.record({ openId: u64, hash: fc.string({ unit: anyCharacter }), deviceId: thinId }),
);
roundTrip(
  'a pool of LVM',
  setupKind,
  fc.record({
    device: fc.string(),
    force: fc.constant(false),
    thinpPercent: percent,
    thinpMetaPercent: percent,
    autoExtendThreshold: percent,
    autoExtendPercent: percent,
  }),
);

/** Texts as Docker writes them. */
const DOCKERS: readonly (readonly [string, RecordKind<unknown>, string, unknown])[] = [
  [
    'a layer',
    layerKind as RecordKind<unknown>,
    '{"device_id":312,"size":10737418240,"transaction_id":629,"initialized":false,"deleted":false}',
    {
      deviceId: 312,
      size: 10_737_418_240n,
      transactionId: 629n,
      initialized: false,
      deleted: false,
    },
  ],
  [
    'the base device',
    layerKind as RecordKind<unknown>,
    '{"device_id":1,"size":10737418240,"transaction_id":1,"initialized":true,"deleted":false}',
    { deviceId: 1, size: 10_737_418_240n, transactionId: 1n, initialized: true, deleted: false },
  ],
  [
    'all devices',
    deviceSetKind as RecordKind<unknown>,
    '{"next_device_id":7,"BaseDeviceUUID":"c5ad1a6a-0b30-4a7d-bc5a-4d0ab0c3c1b5","BaseDeviceFilesystem":"xfs"}',
    {
      nextDeviceId: 7,
      baseUuid: 'c5ad1a6a-0b30-4a7d-bc5a-4d0ab0c3c1b5',
      baseFilesystem: 'xfs',
    },
  ],
  [
    'a transaction',
    transactionKind as RecordKind<unknown>,
    '{"open_transaction_id":18446744073709551615,"device_hash":"","device_id":16777215}',
    { openId: 2n ** 64n - 1n, hash: '', deviceId: 16_777_215 },
  ],
  [
    'a pool of LVM',
    setupKind as RecordKind<unknown>,
    '{"Device":"/dev/xvdf","ThinpPercent":95,"ThinpMetaPercent":1,"AutoExtendPercent":20,"AutoExtendThreshold":80}',
    {
      device: '/dev/xvdf',
      force: false,
      thinpPercent: 95,
      thinpMetaPercent: 1,
      autoExtendPercent: 20,
      autoExtendThreshold: 80,
    },
  ],
];

for (const [title, kind, text, record] of DOCKERS) {
  test(`${title} with the bytes of Docker`, (t) => {
    t.deepEqual(kind.parse(text), record);
    t.is(kind.print(record), text);
  });
}

test('fields that older versions omit', (t) => {
  const old = '{"device_id":1,"size":1,"transaction_id":1,"initialized":true}';
  t.is(layerKind.parse(old).deleted, false);
  t.deepEqual(deviceSetKind.parse('{"next_device_id":3}'), {
    nextDeviceId: 3,
    baseUuid: '',
    baseFilesystem: '',
  });
});

/** A layer's record with one field replaced. */
const layer = (field: string, text: string): string => {
  const fields: Record<string, string> = {
    device_id: '1',
    size: '1024',
    transaction_id: '1',
    initialized: 'false',
    deleted: 'false',
    [field]: text,
  };
  return `{${Object.entries(fields)
    .map(([key, value]) => `"${key}":${value}`)
    .join(',')}}`;
};

const REFUSED: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  ['empty', '', /it is empty/],
  ['of NUL bytes', '\u0000'.repeat(94), /it is not JSON/],
  ['torn', layer('size', '1').slice(0, 40), /it is not JSON/],
  ['torn within a number', '{"device_id":1,"size":107', /it is not JSON/],
  ['with trailing text', `${layer('size', '1')}}`, /it is not JSON/],
  ['that is repeated', layer('size', '1').repeat(2), /it is not JSON/],
  ['of another kind', '{"next_device_id":1}', /device_id: expected "device_id", got undefined/],
  ['foreign', '#!/bin/sh\n', /it is not JSON/],
  ['a list', '[]', /expected/],
  ['a number', '7', /the whole: expected Object, got 7/],
  ['null', 'null', /the whole: expected Object, got null/],
  ['with an id below 0', layer('device_id', '-1'), /device_id: expected >=0, got -1/],
  ['with an id of 2^24', layer('device_id', '16777216'), /device_id: expected <=16777215/],
  ['with an id as text', layer('device_id', '"1"'), /device_id: expected bigint, got "1"/],
  ['with a part of an id', layer('device_id', '1.5'), /device_id: expected bigint, got 1\.5/],
  ['with an id as 1e0', layer('device_id', '1e0'), /device_id: expected bigint, got 1/],
  ['with an id of null', layer('device_id', 'null'), /device_id: expected bigint, got null/],
  ['with a size below 0', layer('size', '-1'), /size: expected >=0/],
  ['with a size of 2^64', layer('size', '18446744073709551616'), /size: expected <=1844674407370/],
  ['with a list for a size', layer('size', '[1]'), /size: expected bigint, got Array/],
  ['with a forged size', layer('size', '"\\u0000integer 5"'), /size: expected bigint/],
  [
    'with a transaction of 2^64',
    layer('transaction_id', '18446744073709551616'),
    /transaction_id: expected/,
  ],
  ['with 0 for false', layer('initialized', '0'), /initialized: expected boolean, got 0/],
  ['with "false" for false', layer('deleted', '"false"'), /deleted: expected boolean/],
  ['with an unknown key', layer('parent', '"x"'), /parent: expected never/],
  ['with __proto__', layer('__proto__', '{}'), /__proto__: expected never/],
];

for (const [what, text, said] of REFUSED) {
  test(`rejected: a file ${what}`, (t) => {
    const error = t.throws<StorageError>(() => parseRecord(layerKind.parse, '/m/web', text), {
      instanceOf: StorageError,
      code: 'ERR_STORAGE_RECORD',
      message: said,
    });
    t.is(error?.subject, '/m/web');
    t.true(error?.message.startsWith('/m/web: not a record of this storage: '));
    t.regex(error?.message ?? '', /Nothing was changed/);
  });
}

test('any text is a valid record or rejected with a StorageError', (t) => {
  const parsers = [layerKind.parse, deviceSetKind.parse, transactionKind.parse, parseSingleFile];
  const texts = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.json(),
    fc.json().map((s) => s.slice(1)),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom(...parsers), (text, parse) => {
      try {
        parseRecord<unknown>(parse, '/m/web', text);
      } catch (error) {
        if (!(error instanceof StorageError) || error.code !== 'ERR_STORAGE_RECORD') throw error;
      }
    }),
  );
  t.pass();
});

test('the single file of an old Docker: keys in any case, and unknown keys are skipped', (t) => {
  const text =
    '{"Devices":{"":{"device_id":0,"size":107374182400,"transaction_id":1,"initialized":true},"abc":{"DeviceId":1,"Device_ID":4,"SIZE":107374182400,"transaction_id":2,"initialized":false}}}';
  t.deepEqual(
    [...parseSingleFile(text)],
    [
      [
        '',
        {
          deviceId: 0,
          size: 107_374_182_400n,
          transactionId: 1n,
          initialized: true,
          deleted: false,
        },
      ],
      [
        'abc',
        {
          deviceId: 4,
          size: 107_374_182_400n,
          transactionId: 2n,
          initialized: false,
          deleted: false,
        },
      ],
    ],
  );
});
