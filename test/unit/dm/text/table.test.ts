import { endianness } from 'node:os';
import test from 'ava';
import {
  checkTable,
  encodeTable,
  formatLine,
  formatTable,
  parseTable,
  type TargetInput,
} from '../../../../src/dm/text/table.ts';
import { TEXT_LAWS } from '../../../support/arbitraries/codec-properties.ts';
import { proves } from '../../../support/arbitraries/runs.ts';

const END_MAX = 2n ** 54n - 1n;
const SECTORS = 'sectors as a bigint or a safe integer, not negative';

// --- checkTable ---------------------------------------------------------------------------------

test('checkTable fills in missing starts and missing parameters', (t) => {
  t.deepEqual(
    checkTable([
      { length: 8, type: 'zero' },
      { length: 9n, type: 'linear', params: '7:0 0' },
    ]),
    [
      { start: 0n, length: 8n, type: 'zero', params: '' },
      { start: 8n, length: 9n, type: 'linear', params: '7:0 0' },
    ],
  );
});

const zero = (length: bigint | number, start?: bigint | number): TargetInput => ({
  length,
  type: 'zero',
  ...(start !== undefined && { start }),
});

const TAKEN: readonly (readonly [title: string, readonly TargetInput[]])[] = [
  ['a type of 15 characters', [{ length: 1, type: 'x'.repeat(15) }]],
  ['the last sector that the kernel accepts', [zero(END_MAX)]],
  ['the last sector, with two targets', [zero(END_MAX - 1n), zero(1)]],
  ['explicit starts', [zero(5, 0), zero(5, 5n), zero(1, 10)]],
  ['tabs in parameters', [{ length: 1, type: 'linear', params: '7:0\t0' }]],
  ['a backslash', [{ length: 1, type: 'linear', params: '/dev/mapper/a\\x20b 0' }]],
];

for (const [title, table] of TAKEN) {
  test(`checkTable accepts ${title}`, (t) => t.is(checkTable(table).length, table.length));
}

const ARRAY = 'table: expected an array of 1 to 1048576 targets, got';
const TYPE = 'table[0].type: expected 1 to 15 printable ASCII characters, got';
const PARAMS = 'table[0].params: expected a string without NUL or line breaks, got';

const typed = (type: unknown): readonly unknown[] => [{ length: 1, type }];
const given = (params: unknown): readonly unknown[] => [{ length: 1, type: 'linear', params }];

/** Invalid tables with the complete message. */
const REFUSED: readonly (readonly [title: string, table: unknown, message: string])[] = [
  ['an empty table', [], `${ARRAY} 0`],
  ['a table that is not an array', { length: 1 }, `${ARRAY} { length: 1 }`],
  ['nothing', undefined, `${ARRAY} undefined`],
  ['1048577 targets', new Array(1_048_577), `${ARRAY} 1048577`],
  ['a negative start', [zero(1, -1)], `table[0].start: expected ${SECTORS}, got -1`],
  ['a negative length', [zero(-1n)], `table[0].length: expected ${SECTORS}, got -1n`],
  ['half a sector', [zero(1.5)], `table[0].length: expected ${SECTORS}, got 1.5`],
  ['an unsafe number', [zero(2 ** 53)], `table[0].length: expected ${SECTORS}, got ${2 ** 53}`],
  [
    'a missing length',
    typed('zero').map(() => ({ type: 'zero' })),
    `table[0].length: expected ${SECTORS}, got undefined`,
  ],
  ['a length of 0', [zero(0)], 'table[0].length: expected at least 1 sector, got 0n'],
  [
    'a second length of 0',
    [zero(1), zero(0n)],
    'table[1].length: expected at least 1 sector, got 0n',
  ],
  [
    'a first target that does not start at 0',
    [zero(1, 1)],
    'table[0].start: expected 0, the beginning of the table, got 1n',
  ],
  [
    'a gap',
    [zero(4), zero(4, 5)],
    'table[1].start: expected 4, the end of the previous target, got 5n',
  ],
  [
    'an overlap',
    [zero(4), zero(4, 3n)],
    'table[1].start: expected 4, the end of the previous target, got 3n',
  ],
  [
    'the same target twice',
    [zero(4, 0), zero(4, 0)],
    'table[1].start: expected 4, the end of the previous target, got 0n',
  ],
  [
    'one sector beyond the maximum',
    [zero(END_MAX + 1n)],
    `table[0].length: expected a target that ends at sector ${END_MAX} or before, got ${END_MAX + 1n}n`,
  ],
  [
    'one sector beyond the maximum in the second target',
    [zero(END_MAX), zero(1)],
    `table[1].length: expected a target that ends at sector ${END_MAX} or before, got 1n`,
  ],
  [
    '2^64 sectors',
    [zero(2n ** 64n)],
    `table[0].length: expected a target that ends at sector ${END_MAX} or before, got ${2n ** 64n}n`,
  ],
  [
    'an end that would wrap around to 0',
    [zero(2n ** 63n), zero(2n ** 63n)],
    `table[0].length: expected a target that ends at sector ${END_MAX} or before, got ${2n ** 63n}n`,
  ],
  ['a missing type', typed(undefined), `${TYPE} undefined`],
  ['an empty type', typed(''), `${TYPE} ""`],
  ['a type of 16 characters', typed('x'.repeat(16)), `${TYPE} "${'x'.repeat(16)}"`],
  ['a blank in the type', typed('thin pool'), `${TYPE} "thin pool"`],
  ['NUL in the type', typed('zero\0'), `${TYPE} "zero\\u0000"`],
  ['a line break after the type', typed('zero\n'), `${TYPE} "zero\\n"`],
  ['a type that is not ASCII', typed('zéro'), `${TYPE} "zéro"`],
  ['NUL in the parameters', given('7:0 0\0'), `${PARAMS} "7:0 0\\u0000"`],
  ['a line break in the parameters', given('7:0 0\n'), `${PARAMS} "7:0 0\\n"`],
  ['a carriage return in the parameters', given('7:0\r0'), `${PARAMS} "7:0\\r0"`],
  ['parameters that are not a string', given(5), `${PARAMS} 5`],
  ['null as parameters', given(null), `${PARAMS} null`],
  // The kernel would receive U+FFFD, which is another path.
  [
    'a lone surrogate',
    given('/dev/\ud800 0'),
    'table[0].params: expected well-formed Unicode, got "/dev/\\ud800 0"',
  ],
  // A line break at the end is a common mistake. The error must not show the key.
  [
    'a line break after a key',
    [{ length: 1, type: 'crypt', params: 'aes 00112233 0 7:0 0\n' }],
    `${PARAMS} "aes 00000000 0 7:0 0\\n"`,
  ],
];

for (const [title, table, message] of REFUSED) {
  test(`checkTable rejects ${title}`, (t) => {
    t.throws(() => checkTable(table as readonly TargetInput[]), {
      code: 'ERR_DMTS_INPUT',
      message,
    });
  });
}

// --- encodeTable --------------------------------------------------------------------------------

/** Converts u64 and u32 from little-endian to the machine's byte order. */
const le = (hex: string): string =>
  endianness() === 'LE' ? hex : Buffer.from(hex, 'hex').reverse().toString('hex');

interface Layout {
  readonly title: string;
  readonly target: TargetInput;
  readonly next: string;
  readonly text: string;
}

// struct dm_target_spec has 40 bytes. The text and its NUL follow, padded to a multiple of 8.
const LAYOUTS: readonly Layout[] = [
  { title: 'no parameters', target: zero(1), next: '30000000', text: '0000000000000000' },
  {
    title: 'seven bytes and the NUL take 8 bytes',
    target: { length: 1, type: 'zero', params: '1234567' },
    next: '30000000',
    text: '3132333435363700',
  },
  {
    title: 'eight bytes and the NUL take 16 bytes',
    target: { length: 1, type: 'zero', params: '12345678' },
    next: '38000000',
    text: '31323334353637380000000000000000',
  },
  {
    title: 'a backslash is doubled',
    target: { length: 1, type: 'zero', params: 'a\\b' },
    next: '30000000',
    text: '615c5c6200000000',
  },
  {
    title: 'text is UTF-8',
    target: { length: 1, type: 'zero', params: 'é' },
    next: '30000000',
    text: 'c3a9000000000000',
  },
  {
    title: 'a backslash escapes a byte that is a Latin-1 blank, and a backslash is doubled',
    target: { length: 1, type: 'zero', params: '\\à\u00a0' },
    next: '38000000',
    text: '5c5cc35ca0c25ca0'.padEnd(32, '0'),
  },
];

for (const { title, target, next, text } of LAYOUTS) {
  test(`encodeTable: ${title}`, (t) => {
    const expected = [
      le('0000000000000000'),
      le('0100000000000000'),
      '00000000',
      le(next),
      Buffer.from('zero').toString('hex').padEnd(32, '0'),
      text,
    ].join('');
    t.is(encodeTable(checkTable([target])).toString('hex'), expected);
  });
}

test('encodeTable: the second target begins at the offset in the first one', (t) => {
  const bytes = encodeTable(
    checkTable([zero(0x1122334455), { length: 1, type: 'linear', params: '7:0 0' }]),
  );
  t.is(bytes.length, 96);
  t.is(bytes.toString('hex', 0, 8), le('0000000000000000'));
  t.is(bytes.toString('hex', 8, 16), le('5544332211000000'));
  t.is(bytes.toString('hex', 20, 24), le('30000000'));
  t.is(bytes.toString('hex', 48, 56), le('5544332211000000'));
  t.is(bytes.toString('hex', 68, 72), le('30000000'));
  t.is(bytes.toString('latin1', 72), 'linear'.padEnd(16, '\0') + '7:0 0'.padEnd(8, '\0'));
});

test('encodeTable rejects a payload above the maximum', (t) => {
  const params = 'x'.repeat(64 * 1024 * 1024);
  const table = checkTable(Array.from({ length: 4 }, () => ({ length: 1, type: 'zero', params })));
  t.throws(() => encodeTable(table), {
    code: 'ERR_DMTS_INPUT',
    message: 'table: expected at most 268435456 bytes, got 268435648',
  });
});

// --- text ---------------------------------------------------------------------------------------

test('formatLine formats as dmsetup does, with a blank at the end if there are no parameters', (t) => {
  t.is(formatLine({ start: 0n, length: 8n, type: 'zero', params: '' }), '0 8 zero ');
  t.is(
    formatTable([
      { start: 0n, length: 8n, type: 'zero', params: '' },
      { start: 8n, length: 2n ** 53n + 1n, type: 'linear', params: '7:0 0' },
    ]),
    '0 8 zero \n8 9007199254740993 linear 7:0 0',
  );
});

const LINES: readonly (readonly [text: string, table: readonly TargetInput[]])[] = [
  ['', []],
  ['\n \n# a comment\n\t# another\n', []],
  ['0 8 zero', [{ start: 0n, length: 8n, type: 'zero', params: '' }]],
  ['0 8 zero ', [{ start: 0n, length: 8n, type: 'zero', params: '' }]],
  ['  0\t8  zero \r\n', [{ start: 0n, length: 8n, type: 'zero', params: '' }]],
  [
    '0 8 linear 7:0  0\n8 8 error',
    [
      { start: 0n, length: 8n, type: 'linear', params: '7:0  0' },
      { start: 8n, length: 8n, type: 'error', params: '' },
    ],
  ],
  [
    '0 18446744073709551616 zero',
    [{ start: 0n, length: 18446744073709551616n, type: 'zero', params: '' }],
  ],
  // The dot of a regular expression excludes U+2028, and trim() strips Unicode blanks.
  [
    '0 8 linear /dev/a\u2028b 0',
    [{ start: 0n, length: 8n, type: 'linear', params: '/dev/a\u2028b 0' }],
  ],
  [
    '0 8 linear \u00a0x\u3000',
    [{ start: 0n, length: 8n, type: 'linear', params: '\u00a0x\u3000' }],
  ],
];

test('leading zeros count as no digits', (t) => {
  const zeros = '0'.repeat(100);
  t.deepEqual(parseTable(`${zeros}16 ${zeros} zero`), [
    { start: 16n, length: 0n, type: 'zero', params: '' },
  ]);
});

for (const [text, table] of LINES) {
  test(`parseTable(${JSON.stringify(text)})`, (t) => t.deepEqual(parseTable(text), table));
}

const FORM = 'expected START LENGTH TYPE PARAMS, with decimal numbers of at most 20 digits, got';
const NO_LINES: readonly (readonly [text: string, message: string])[] = [
  ['0 8', `line 1: ${FORM} "0 8"`],
  ['zero', `line 1: ${FORM} "zero"`],
  [`0 ${'1'.repeat(21)} zero`, `line 1: ${FORM} "0 ${'0'.repeat(21)} zero"`],
  ['0 8 zero\n\n# x\n-1 8 zero', `line 4: ${FORM} "-1 8 zero"`],
  ['0 +8 zero', `line 1: ${FORM} "0 +8 zero"`],
  ['0 0x8 zero', `line 1: ${FORM} "0 0x8 zero"`],
  ['0 8.0 zero', `line 1: ${FORM} "0 8.0 zero"`],
  ['0 1e3 zero', `line 1: ${FORM} "0 1e3 zero"`],
  ['0 8 zéro', `line 1: ${FORM} "0 8 zéro"`],
  ['0, 8, zero', `line 1: ${FORM} "0, 8, zero"`],
  // A line without numbers: the error must not show the key.
  [
    'crypt aes-xts-plain64 00112233445566778899aabbccddeeff 0 7:0 0',
    `line 1: ${FORM} "crypt aes-xts-plain64 ${'0'.repeat(32)} 0 7:0 0"`,
  ],
];

for (const [text, message] of NO_LINES) {
  test(`parseTable rejects ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseTable(text), { code: 'ERR_DMTS_INPUT', message });
  });
}

for (const law of TEXT_LAWS.filter(({ name }) => /table/.test(name))) {
  test(law.name, (t) => proves(t, law, 500));
}
