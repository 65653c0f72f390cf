import test from 'ava';
import {
  type ThinParams,
  type ThinStatus,
  thin,
} from '../../../../../src/dm/targets/provisioning/thin.ts';
import { ReplyError } from '../../../../../src/dm/wire/errors.ts';
import { anyThin } from '../../../../support/arbitraries/targets/thin.ts';
import { testLaws } from '../../../../support/target-tests.ts';

const STATUS: readonly (readonly [text: string, status: ThinStatus])[] = [
  ['0 -', { state: 'working', mapped: 0n, highestMapped: undefined, extra: [] }],
  ['128 127', { state: 'working', mapped: 128n, highestMapped: 127n, extra: [] }],
  // Two blocks with a hole between them.
  ['256 511', { state: 'working', mapped: 256n, highestMapped: 511n, extra: [] }],
  ['1024 1023', { state: 'working', mapped: 1024n, highestMapped: 1023n, extra: [] }],
  [
    '18446744073709551615 18446744073709551615',
    { state: 'working', mapped: 2n ** 64n - 1n, highestMapped: 2n ** 64n - 1n, extra: [] },
  ],
  ['128 127 7 more', { state: 'working', mapped: 128n, highestMapped: 127n, extra: ['7', 'more'] }],
  // `Fail` in another place does not mean that the pool has failed.
  ['128 127 -', { state: 'working', mapped: 128n, highestMapped: 127n, extra: ['-'] }],
  ['128 127 Fail', { state: 'working', mapped: 128n, highestMapped: 127n, extra: ['Fail'] }],
  ['Fail', { state: 'fail' }],
  ['Error', { state: 'error' }],
  ['-', { state: 'unmapped' }],
];

for (const [text, status] of STATUS) {
  test(`status ${text}`, (t) => t.deepEqual(thin.parseStatus(text), status));
}

const U64 = 'expected an unsigned 64-bit decimal number, got';
const NO_STATUS = [
  ['', 'thin status, mapped sectors (word 1): expected a word, got undefined'],
  ['128', 'thin status, highest mapped sector (word 2): expected a word, got undefined'],
  ['- -', `thin status, mapped sectors (word 1): ${U64} "-"`],
  ['- 127', `thin status, mapped sectors (word 1): ${U64} "-"`],
  ['Error 0', `thin status, mapped sectors (word 1): ${U64} "Error"`],
  ['128 -1', `thin status, highest mapped sector (word 2): ${U64} "-1"`],
  ['128 0x7f', `thin status, highest mapped sector (word 2): ${U64} "0x7f"`],
  [
    '128 18446744073709551616',
    `thin status, highest mapped sector (word 2): ${U64} "18446744073709551616"`,
  ],
  ['128 x', `thin status, highest mapped sector (word 2): ${U64} "x"`],
  ['-1 -', `thin status, mapped sectors (word 1): ${U64} "-1"`],
  ['0x80 -', `thin status, mapped sectors (word 1): ${U64} "0x80"`],
  ['18446744073709551616 -', `thin status, mapped sectors (word 1): ${U64} "18446744073709551616"`],
  [' 128 127', 'thin status, mapped sectors (word 1): expected a word, got ""'],
  ['128  127', 'thin status, highest mapped sector (word 2): expected a word, got ""'],
  ['128 127  ', 'thin status, further word (word 3): expected a word, got ""'],
  ['128 12\x007', `thin status, highest mapped sector (word 2): ${U64} "12\\u00007"`],
  ['Failed', `thin status, mapped sectors (word 1): ${U64} "Failed"`],
] as const;

for (const [text, message] of NO_STATUS) {
  test(`invalid status ${JSON.stringify(text)}`, (t) => {
    t.is(t.throws(() => thin.parseStatus(text), { instanceOf: ReplyError })?.problem, message);
  });
}

const PARAMS: readonly (readonly [ThinParams, string])[] = [
  [{ pool: '253:0', id: 0 }, '253:0 0'],
  [{ pool: '/dev/mapper/pool', id: 16_777_215 }, '/dev/mapper/pool 16777215'],
  [{ pool: '253:0', id: 7, externalOrigin: '7:1' }, '253:0 7 7:1'],
];

for (const [params, text] of PARAMS) {
  test(`parameters ${text}`, (t) => {
    t.is(thin.formatParams(params), text);
    t.deepEqual(thin.parseParams(text), params);
    t.deepEqual(thin({ start: 8, length: 8n, ...params }), {
      start: 8,
      length: 8n,
      type: 'thin',
      params: text,
    });
  });
}

test('an undefined external origin means none', (t) => {
  t.is(thin.formatParams({ pool: '253:0', id: 0, externalOrigin: undefined }), '253:0 0');
});

const NO_PARAMS = [
  ['', 'thin, pool (word 1): expected a word, got undefined'],
  // The kernel prints this instead of a table when the pool has failed.
  ['Fail', 'thin, id (word 2): expected a word, got undefined'],
  ['-', 'thin, id (word 2): expected a word, got undefined'],
  ['253:0 +7', `thin, id (word 2): ${U64} "+7"`],
  ['253:0 16777216', 'thin.id: expected an integer from 0 to 16777215, got 16777216'],
] as const;

for (const [text, message] of NO_PARAMS) {
  test(`invalid parameters ${JSON.stringify(text)}`, (t) => {
    t.is(t.throws(() => thin.parseParams(text), { instanceOf: ReplyError })?.problem, message);
  });
}

const DEVICE = 'expected a path that begins with "/" and has no blanks, or MAJOR:MINOR, got';
const NOT_FORMATTED = [
  [{ pool: '', id: 0 }, `thin.pool: ${DEVICE} ""`],
  [{ pool: 'pool', id: 0 }, `thin.pool: ${DEVICE} "pool"`],
  [{ pool: '253:0', id: -1 }, 'thin.id: expected an integer from 0 to 16777215, got -1'],
  [{ pool: '253:0', id: 2 ** 24 }, 'thin.id: expected an integer from 0 to 16777215, got 16777216'],
  [{ pool: '253:0', id: 0, externalOrigin: 'x y' }, `thin.externalOrigin: ${DEVICE} "x y"`],
] as const;

for (const [params, message] of NOT_FORMATTED) {
  test(`not formatted: ${message}`, (t) => {
    t.throws(() => thin.formatParams(params), { code: 'ERR_DMTS_INPUT', message });
  });
}

testLaws(thin, anyThin, ['128 127', '0 -', 'Fail', '-']);
