import test from 'ava';
import fc from 'fast-check';
import {
  type ThinPoolFeature,
  type ThinPoolParams,
  type ThinPoolStatus,
  thinPool,
  type WorkingThinPool,
} from '../../../../../src/dm/targets/provisioning/thin-pool.ts';
import { ReplyError } from '../../../../../src/dm/wire/errors.ts';
import { holds } from '../../../../support/arbitraries/runs.ts';
import { anyThinPool } from '../../../../support/arbitraries/targets/thin-pool.ts';
import { anyU64 } from '../../../../support/arbitraries/values.ts';
import { testLaws } from '../../../../support/target-tests.ts';

const U64_MAX = 2n ** 64n - 1n;

// --- status -------------------------------------------------------------------------------------

const FRESH: WorkingThinPool = {
  state: 'working',
  transactionId: 0n,
  metadata: { used: 4110n, total: 65536n },
  data: { used: 0n, total: 16384n },
  heldRoot: undefined,
  mode: 'rw',
  discard: 'discard_passdown',
  noSpace: 'queue_if_no_space',
  needsCheck: false,
  metadataLowWaterMark: 1024n,
  extra: [],
};
const working = (fields: Partial<WorkingThinPool>): WorkingThinPool => ({ ...FRESH, ...fields });
const P1 = '0 4110/65536 0/16384 - rw discard_passdown queue_if_no_space - 1024 ';

// Captured from three kernels, byte for byte, with the trailing blank.
const STATUS: readonly (readonly [title: string, text: string, status: ThinPoolStatus])[] = [
  ['P1, a fresh pool', P1, FRESH],
  [
    'P2, one block of 1 GiB',
    '0 4109/65536 0/1 - rw discard_passdown queue_if_no_space - 1024 ',
    working({ metadata: { used: 4109n, total: 65536n }, data: { used: 0n, total: 1n } }),
  ],
  [
    'P3, discards ignored, errors without space',
    '0 4110/65536 0/16384 - rw ignore_discard error_if_no_space - 1024 ',
    working({ discard: 'ignore_discard', noSpace: 'error_if_no_space' }),
  ],
  [
    'P4, the last transaction id',
    '18446744073709551615 4110/65536 0/16384 - rw discard_passdown queue_if_no_space - 1024 ',
    working({ transactionId: U64_MAX }),
  ],
  [
    'P5, a metadata snapshot is held',
    '1 4115/65536 0/16384 51 rw discard_passdown queue_if_no_space - 1024 ',
    working({ transactionId: 1n, metadata: { used: 4115n, total: 65536n }, heldRoot: 51n }),
  ],
  [
    'P6, data full, erroring',
    '0 4110/65536 8/8 - out_of_data_space discard_passdown error_if_no_space - 1024 ',
    working({
      data: { used: 8n, total: 8n },
      mode: 'out_of_data_space',
      noSpace: 'error_if_no_space',
    }),
  ],
  [
    'P7, data full, queueing',
    '0 4110/65536 8/8 - out_of_data_space discard_passdown queue_if_no_space - 1024 ',
    working({ data: { used: 8n, total: 8n }, mode: 'out_of_data_space' }),
  ],
  [
    'P8, metadata full: read-only without needs_check',
    '0 64/64 0/16384 - ro discard_passdown error_if_no_space - 16 ',
    working({
      metadata: { used: 64n, total: 64n },
      mode: 'ro',
      noSpace: 'error_if_no_space',
      metadataLowWaterMark: 16n,
    }),
  ],
  [
    'P9, a commit failed',
    '0 113/1024 1/16384 - ro discard_passdown queue_if_no_space needs_check 256 ',
    working({
      metadata: { used: 113n, total: 1024n },
      data: { used: 1n, total: 16384n },
      mode: 'ro',
      needsCheck: true,
      metadataLowWaterMark: 256n,
    }),
  ],
  ['P10, a failed pool', 'Fail', { state: 'fail' }],
  ['Error after the other words', `${P1}Error`, working({ extra: ['Error'] })],
  ['Fail after the other words', `${P1}Fail`, working({ extra: ['Fail'] })],
  [
    'Error instead of the discards',
    P1.replace('discard_passdown', 'Error'),
    working({ discard: 'Error' }),
  ],
  [
    'four words, and a held root',
    '0 4110/65536 0/16384 51',
    working({ heldRoot: 51n, metadataLowWaterMark: undefined }),
  ],
  [
    'eight words',
    '0 4110/65536 0/16384 - rw discard_passdown queue_if_no_space -',
    working({ metadataLowWaterMark: undefined }),
  ],
  ['P11, a status that the kernel cannot determine', 'Error', { state: 'error' }],
  [
    'no passdown',
    '0 4110/65536 0/16384 - rw no_discard_passdown queue_if_no_space - 1024 ',
    working({ discard: 'no_discard_passdown' }),
  ],
  [
    'numbers beyond 2^53',
    '9007199254740993 9007199254740993/9007199254740995 1/18446744073709551615 9007199254740993 rw discard_passdown queue_if_no_space - 9007199254740993 ',
    working({
      transactionId: 9007199254740993n,
      metadata: { used: 9007199254740993n, total: 9007199254740995n },
      data: { used: 1n, total: U64_MAX },
      heldRoot: 9007199254740993n,
      metadataLowWaterMark: 9007199254740993n,
    }),
  ],
  ['words of a newer kernel', `${P1}8 more`, working({ extra: ['8', 'more'] })],
  [
    'before the low-water mark',
    '0 4110/65536 0/16384 - rw discard_passdown queue_if_no_space needs_check',
    working({ needsCheck: true, metadataLowWaterMark: undefined }),
  ],
  [
    'before needs_check',
    '0 4110/65536 0/16384 - rw discard_passdown error_if_no_space',
    working({ noSpace: 'error_if_no_space', metadataLowWaterMark: undefined }),
  ],
  [
    'a discard word of a newer kernel',
    P1.replace('discard_passdown', 'discard_later'),
    working({ discard: 'discard_later' }),
  ],
  ['before the modes', '0 4110/65536 0/16384 -', working({ metadataLowWaterMark: undefined })],
  [
    'before the discards',
    '0 4110/65536 0/16384 - ro',
    working({ mode: 'ro', metadataLowWaterMark: undefined }),
  ],
  [
    'before error_if_no_space',
    '0 4110/65536 0/16384 - ro discard_passdown',
    working({ mode: 'ro', metadataLowWaterMark: undefined }),
  ],
];

for (const [title, text, status] of STATUS) {
  test(`status: ${title}`, (t) => t.deepEqual(thinPool.parseStatus(text), status));
}

const at = (field: string, word: number, expected: string, got: string): string =>
  `thin-pool status, ${field} (word ${word}): expected ${expected}, got ${got}`;
const U64 = 'an unsigned 64-bit decimal number';

const PAST = '18446744073709551616';

/** Rows in which each of `words` replaces a word of `P1`. */
const wrong = (
  field: string,
  word: number,
  expected: string,
  right: string,
  words: readonly string[],
  behind = '',
) =>
  words.map(
    (given) =>
      [
        `${field} of ${given}`,
        P1.replace(right, given + behind),
        at(field, word, expected, `"${given}"`),
      ] as const,
  );

const NO_STATUS: readonly (readonly [title: string, text: string, message: string])[] = [
  ['nothing', '', at('transaction id', 1, 'a word', 'undefined')],
  ['one ratio only', '0 1/2', at('data blocks', 3, 'a word', 'undefined')],
  ['no held root', '0 1/2 3/4', at('held root', 4, 'a word', 'undefined')],
  ['a blank before the first word', ` ${P1}`, at('transaction id', 1, 'a word', '""')],
  ['two blanks', P1.replace(' rw', '  rw'), at('mode', 5, 'a word', '""')],
  ['two blanks after the last word', `${P1} `, at('further word', 10, 'a word', '""')],
  ['a negative id', P1.replace('0', '-1'), at('transaction id', 1, U64, '"-1"')],
  ['a hexadecimal id', P1.replace('0', '0x10'), at('transaction id', 1, U64, '"0x10"')],
  [
    'an id beyond 64 bits',
    P1.replace('0', '18446744073709551616'),
    at('transaction id', 1, U64, '"18446744073709551616"'),
  ],
  ...wrong('metadata blocks', 2, 'USED/TOTAL', '4110/65536', [
    '-4110/65536',
    '0x10/65536',
    '4110/18446744073709551616',
  ]),
  ...wrong('data blocks', 3, 'USED/TOTAL', '0/16384', ['0/-1', '0x0/16384', `0/${PAST}`]),
  ...wrong('held root', 4, U64, '- rw', ['-1', '0x33', PAST], ' rw'),
  ...wrong('metadata low-water mark', 9, U64, '1024', ['-1', '0x400', PAST]),
  ['Error followed by a word', 'Error 0', at('transaction id', 1, U64, '"Error"')],
  ['an id with a plus', P1.replace('0', '+1'), at('transaction id', 1, U64, '"+1"')],
  ['a fraction', P1.replace('0', '1.0'), at('transaction id', 1, U64, '"1.0"')],
  [
    'digits that are not ASCII',
    P1.replace('0', '\u0661'),
    at('transaction id', 1, U64, '"\u0661"'),
  ],
  [
    'half a ratio',
    P1.replace('4110/65536', '4110'),
    at('metadata blocks', 2, 'USED/TOTAL', '"4110"'),
  ],
  [
    'a ratio of three',
    P1.replace('4110/65536', '1/2/3'),
    at('metadata blocks', 2, 'USED/TOTAL', '"1/2/3"'),
  ],
  [
    'a ratio without its total',
    P1.replace('4110/65536', '1/'),
    at('metadata blocks', 2, 'USED/TOTAL', '"1/"'),
  ],
  [
    'more used metadata than total',
    P1.replace('4110', '65537'),
    at('metadata blocks', 2, 'USED/TOTAL with USED at most TOTAL', '"65537/65536"'),
  ],
  [
    'more used data than total',
    P1.replace('0/16384', '16385/16384'),
    at('data blocks', 3, 'USED/TOTAL with USED at most TOTAL', '"16385/16384"'),
  ],
  [
    'a held root that is not a number',
    P1.replace(' - rw', ' x rw'),
    at('held root', 4, U64, '"x"'),
  ],
  [
    'a low-water mark that is not a number',
    P1.replace('1024', '-'),
    at('metadata low-water mark', 9, U64, '"-"'),
  ],
  [
    '1 MiB of digits',
    `${'9'.repeat(2 ** 20)} ${P1}`,
    at('transaction id', 1, U64, `"${'9'.repeat(79)}…`),
  ],
  ['Fail followed by a word', 'Fail 0', at('transaction id', 1, U64, '"Fail"')],
  ['fail in lower case', 'fail', at('transaction id', 1, U64, '"fail"')],
];

for (const [title, text, message] of NO_STATUS) {
  test(`invalid status: ${title}`, (t) => {
    t.is(t.throws(() => thinPool.parseStatus(text), { instanceOf: ReplyError })?.problem, message);
  });
}

// --- parameters ---------------------------------------------------------------------------------

const BARE = { metadataDevice: '254:0', dataDevice: '254:16' };

const PARAMS: readonly (readonly [title: string, params: ThinPoolParams, text: string])[] = [
  ['defaults', BARE, '254:0 254:16 128 0 0'],
  [
    'all fields',
    {
      ...BARE,
      blockSize: 2_097_152n,
      lowWaterMark: U64_MAX,
      features: [
        'skip_block_zeroing',
        'ignore_discard',
        'no_discard_passdown',
        'error_if_no_space',
      ],
    },
    `254:0 254:16 2097152 ${U64_MAX} 4 skip_block_zeroing ignore_discard no_discard_passdown error_if_no_space`,
  ],
  [
    'paths',
    { metadataDevice: '/dev/mapper/a\\x20b', dataDevice: '/dev/dm-1', blockSize: 256 },
    '/dev/mapper/a\\x20b /dev/dm-1 256 0 0',
  ],
  ['read-only', { ...BARE, features: ['read_only'] }, '254:0 254:16 128 0 1 read_only'],
  [
    'a feature of a newer kernel',
    { ...BARE, features: ['read_only'], extra: ['fast'] },
    '254:0 254:16 128 0 2 read_only fast',
  ],
];

for (const [title, params, text] of PARAMS) {
  test(`parameters: ${title}`, (t) => {
    t.is(thinPool.formatParams(params), text);
    t.deepEqual(thinPool({ length: 8, ...params }), { length: 8, type: 'thin-pool', params: text });
  });
}

const BLOCK = 'thin-pool.blockSize: expected a multiple of 128 sectors, from 128 to 2097152, got';
const FEATURE =
  'thin-pool.features: expected at most 4 of skip_block_zeroing, ignore_discard, no_discard_passdown, read_only, error_if_no_space, got';
const DEVICE = 'expected a path that begins with "/" and has no blanks, or MAJOR:MINOR, got';

const NO_PARAMS: readonly (readonly [title: string, fields: object, message: string])[] = [
  ...[0, 64, 127, 129, 185, 192, 2_097_153, 2_097_280].map(
    (size) => [`a block of ${size}`, { blockSize: size }, `${BLOCK} ${size}n`] as const,
  ),
  [
    'a block of -128',
    { blockSize: -128 },
    'thin-pool.blockSize: expected sectors as a bigint or a safe integer, not negative, got -128',
  ],
  [
    'a low-water mark below 0',
    { lowWaterMark: -1n },
    `thin-pool.lowWaterMark: expected a bigint or a safe integer, from 0 to ${U64_MAX}, got -1n`,
  ],
  [
    'a low-water mark beyond 64 bits',
    { lowWaterMark: U64_MAX + 1n },
    `thin-pool.lowWaterMark: expected a bigint or a safe integer, from 0 to ${U64_MAX}, got ${U64_MAX + 1n}n`,
  ],
  ['an unknown feature', { features: ['fast'] }, `${FEATURE} "fast"`],
  ['a relative path', { metadataDevice: 'dm-0' }, `thin-pool.metadataDevice: ${DEVICE} "dm-0"`],
  ['a blank in a path', { dataDevice: '/dev/a b' }, `thin-pool.dataDevice: ${DEVICE} "/dev/a b"`],
  [
    'a line break after a device',
    { dataDevice: '254:0\n' },
    `thin-pool.dataDevice: ${DEVICE} "254:0\\n"`,
  ],
  ['no device', { dataDevice: undefined }, `thin-pool.dataDevice: ${DEVICE} undefined`],
];

for (const [title, fields, message] of NO_PARAMS) {
  test(`invalid parameters: ${title}`, (t) => {
    const params = { ...BARE, ...fields } as ThinPoolParams;
    t.throws(() => thinPool.formatParams(params), { code: 'ERR_DMTS_INPUT', message });
  });
}

test('invalid parameters: five features', (t) => {
  const features: readonly ThinPoolFeature[] = [
    'skip_block_zeroing',
    'ignore_discard',
    'no_discard_passdown',
    'read_only',
    'error_if_no_space',
  ];
  t.throws(() => thinPool.formatParams({ ...BARE, features }), {
    message: /^thin-pool\.features: /,
  });
});

const TABLES: readonly (readonly [text: string, params: ThinPoolParams])[] = [
  // The kernel prints a feature count even without features, and orders the features itself.
  ['254:0 254:16 128 0 0 ', { ...BARE, blockSize: 128n, lowWaterMark: 0n, features: [] }],
  [
    '42:42 42:43 16 2',
    {
      metadataDevice: '42:42',
      dataDevice: '42:43',
      blockSize: 16n,
      lowWaterMark: 2n,
      features: [],
    },
  ],
  [
    '42:42 42:43 16 2 0',
    {
      metadataDevice: '42:42',
      dataDevice: '42:43',
      blockSize: 16n,
      lowWaterMark: 2n,
      features: [],
    },
  ],
  [
    '254:0 254:16 128 0 4 skip_block_zeroing ignore_discard no_discard_passdown error_if_no_space ',
    {
      ...BARE,
      blockSize: 128n,
      lowWaterMark: 0n,
      features: [
        'skip_block_zeroing',
        'ignore_discard',
        'no_discard_passdown',
        'error_if_no_space',
      ],
    },
  ],
  [
    '254:0 254:16 128 0 2 fast READ_ONLY ',
    { ...BARE, blockSize: 128n, lowWaterMark: 0n, features: ['read_only'], extra: ['fast'] },
  ],
];

for (const [text, params] of TABLES) {
  test(`parameters of a table: ${text}`, (t) => t.deepEqual(thinPool.parseParams(text), params));
}

const NO_TABLES: readonly (readonly [text: string, message: string])[] = [
  ['', 'thin-pool, metadata device (word 1): expected a word, got undefined'],
  ['Fail', 'thin-pool, data device (word 2): expected a word, got undefined'],
  ['7:0 7:1 x 0', `thin-pool, block size (word 3): expected ${U64}, got "x"`],
  ['7:0 7:1 128 -1', `thin-pool, low-water mark (word 4): expected ${U64}, got "-1"`],
  [
    '7:0 7:1 128 0 1',
    'thin-pool, feature count (word 5): expected at most the 0 words left, got "1"',
  ],
  [
    '7:0 7:1 128 0 18446744073709551615',
    'thin-pool, feature count (word 5): expected a count of at most 9007199254740991, got "18446744073709551615"',
  ],
];

for (const [text, message] of NO_TABLES) {
  test(`invalid parameters of a table: ${JSON.stringify(text)}`, (t) => {
    t.is(t.throws(() => thinPool.parseParams(text), { instanceOf: ReplyError })?.problem, message);
  });
}

// --- messages -----------------------------------------------------------------------------------

const { messages } = thinPool;

test('messages are formatted', (t) => {
  t.is(messages.createThin(0), 'create_thin 0');
  t.is(messages.createSnap(16_777_215, 1), 'create_snap 16777215 1');
  t.is(messages.delete(7), 'delete 7');
  t.is(messages.setTransactionId(0n, U64_MAX), `set_transaction_id 0 ${U64_MAX}`);
  t.is(messages.reserveMetadataSnap(), 'reserve_metadata_snap');
  t.is(messages.releaseMetadataSnap(), 'release_metadata_snap');
});

const ID = 'expected an integer from 0 to 16777215, got';
// The kernel also accepts "08" and "+7", but here an id has one spelling.
for (const [id, shown] of [
  [-1, '-1'],
  [16_777_216, '16777216'],
  [0.5, '0.5'],
  [Number.NaN, 'NaN'],
  ['08', '"08"'],
  ['+7', '"+7"'],
  [7n, '7n'],
] as const) {
  test(`${shown} is not a thin id`, (t) => {
    t.throws(() => messages.createThin(id as number), { message: `thin.id: ${ID} ${shown}` });
    t.throws(() => messages.delete(id as number), { message: `thin.id: ${ID} ${shown}` });
    t.throws(() => messages.createSnap(id as number, 0), { message: `thin.id: ${ID} ${shown}` });
    t.throws(() => messages.createSnap(0, id as number), { message: `origin: ${ID} ${shown}` });
  });
}

for (const id of [-1n, U64_MAX + 1n]) {
  test(`${id} is not a transaction id`, (t) => {
    t.throws(() => messages.setTransactionId(id, 0n), {
      code: 'ERR_DMTS_INPUT',
      message: /^from: /,
    });
    t.throws(() => messages.setTransactionId(0n, id), { code: 'ERR_DMTS_INPUT', message: /^to: / });
  });
}

// --- properties ---------------------------------------------------------------------------------

testLaws(thinPool, anyThinPool, [P1, 'Fail', 'Error']);

test('a status with any numbers, formatted like the kernel, parses to them', (t) => {
  const ratio = fc
    .tuple(anyU64, anyU64)
    .map(([a, b]) => (a < b ? { used: a, total: b } : { used: b, total: a }));
  const status = fc.record(
    {
      state: fc.constant('working' as const),
      transactionId: anyU64,
      metadata: ratio,
      data: ratio,
      heldRoot: fc.option(anyU64, { nil: undefined }),
      mode: fc.constantFrom('rw' as const, 'ro' as const, 'out_of_data_space' as const),
      discard: fc.constantFrom(
        'discard_passdown' as const,
        'no_discard_passdown' as const,
        'ignore_discard' as const,
      ),
      noSpace: fc.constantFrom('error_if_no_space' as const, 'queue_if_no_space' as const),
      needsCheck: fc.boolean(),
      metadataLowWaterMark: anyU64,
      extra: fc.array(fc.constantFrom('x', '-', '1/2', 'Fail')),
    },
    { noNullPrototype: true },
  );
  holds(
    t,
    fc.property(status, (pool) => {
      const { metadata, data } = pool;
      const text = [
        pool.transactionId,
        `${metadata.used}/${metadata.total}`,
        `${data.used}/${data.total}`,
        pool.heldRoot ?? '-',
        pool.mode,
        pool.discard,
        pool.noSpace,
        pool.needsCheck ? 'needs_check' : '-',
        pool.metadataLowWaterMark,
        ...pool.extra,
        '',
      ].join(' ');
      t.deepEqual(thinPool.parseStatus(text), pool);
    }),
  );
});
