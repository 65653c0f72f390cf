import test from 'ava';
import fc from 'fast-check';
import { parseJson } from '../../../../src/storage/directory/json.ts';
import { anyCharacter } from '../../../support/arbitraries/values.ts';

const U64 = 18_446_744_073_709_551_615n;

const rows: readonly (readonly [text: string, value: unknown])[] = [
  ['18446744073709551615', U64],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['-0', 0n],
  ['1.5', 1.5],
  ['12.25', 12.25],
  ['1e5', 100_000],
  ['-2.5E-3', -0.0025],
  ['[1,2.0,3]', [1n, 2, 3n]],
  ['{"a":18446744073709551615,"b":[0]}', { a: U64, b: [0n] }],
  ['"18446744073709551615"', '18446744073709551615'],
  ['"a: 12, \\"34\\" \\\\"', 'a: 12, "34" \\'],
  ['{"12":"34"}', { 12: '34' }],
  ['"\\u0000integer 5"', '\u0000integer 5'],
  ['"\\u0031"', '1'],
  [' true ', true],
  ['null', null],
  ['{"a":{"a":{"a":":{[\\":"}}}', { a: { a: { a: ':{[":' } } }],
  ['[[[[[[[[1]]]]]]]]', [[[[[[[[1n]]]]]]]]],
  ['123456789012345678901', 123_456_789_012_345_680_000],
];

for (const [text, value] of rows) {
  test(`${text} is parsed`, (t) => t.deepEqual(parseJson(text), value));
}

for (const text of [
  '',
  '{',
  '01',
  '1.',
  '+1',
  '1 2',
  "{'a':1}",
  '{"a":1,}',
  'NaN',
  '\u0000\u0000',
  // A second value of a name would replace the first one.
  '{"a":1,"a":1}',
  '{"a":{"b":1,"c":[{"b":1,"b":2}]}}',
  '{"a:b":1,"\\u0061:b":2}',
  '[[[[[[[[[1]]]]]]]]]',
]) {
  test(`${JSON.stringify(text)} is not JSON`, (t) => {
    t.throws(() => parseJson(text), { instanceOf: SyntaxError });
  });
}

/** JSON text with whole numbers of any size. */
const printed = (value: unknown): string => {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([key, of]) => `${JSON.stringify(key)}:${printed(of)}`,
    );
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
};

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
    fc.string({ unit: anyCharacter }),
    // Strings that look like numbers, or like the end of a string.
    fc.string({ unit: fc.constantFrom('1', '.', 'e', '-', '"', '\\', ' ', ',', ':') }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('tree'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test('printed JSON is parsed exactly', (t) => {
  fc.assert(
    fc.property(tree, (value) => {
      t.deepEqual(parseJson(printed(value)), value);
    }),
  );
  t.pass();
});

test('a key called __proto__ is an ordinary key', (t) => {
  const value = parseJson('{"__proto__":1}') as object;
  t.deepEqual(Object.entries(value), [['__proto__', 1n]]);
});

test('deep nesting and long numbers are refused without much memory or time', (t) => {
  const size = 4_000_000;
  const deep = `${'['.repeat(size)}${']'.repeat(size)}`;
  t.throws(() => parseJson(deep), { message: 'nested deeper than 8 levels' });
  t.throws(() => parseJson('{"a":'.repeat(size)), { message: 'nested deeper than 8 levels' });
  t.is(parseJson('9'.repeat(size)), Number.POSITIVE_INFINITY);
});
