import test from 'ava';
import fc from 'fast-check';
import { formatSize, parseSize, type SizeUnit } from '../../../../src/dm/text/size.ts';

const sizes: readonly (readonly [text: string, bytes: bigint])[] = [
  ['0', 0n],
  ['512', 512n],
  ['512b', 512n],
  ['1s', 512n],
  ['10k', 10n * 1024n],
  ['10K', 10n * 1024n],
  ['64KiB', 64n * 1024n],
  ['64kb', 64_000n],
  ['10G', 10n * 2n ** 30n],
  ['10GiB', 10n * 2n ** 30n],
  ['10GB', 10_000_000_000n],
  ['1.5T', 3n * 2n ** 39n],
  ['0.5s', 256n],
  [' 8 MiB ', 8n * 2n ** 20n],
  ['16E', 2n ** 64n],
  ['9007199254740993', 9_007_199_254_740_993n],
];
for (const [text, bytes] of sizes) {
  test(`"${text}" is ${bytes} bytes`, (t) => t.is(parseSize(text), bytes));
}

for (const text of [
  '',
  '-1',
  '+1',
  '1e3',
  '0x10',
  '10Q',
  '10Gi',
  '1..5',
  '.5',
  '1,5',
  'G',
  '10 G B',
  'NaN',
]) {
  test(`parseSize rejects "${text}"`, (t) => {
    t.throws(() => parseSize(text), { message: /^size: expected a size such as 10G/ });
  });
}

test('parseSize rejects a fraction of a byte', (t) => {
  t.throws(() => parseSize('0.3k'), {
    message: 'size: expected a whole number of bytes, got "0.3k"',
  });
});

const printed: readonly (readonly [bytes: bigint, unit: SizeUnit, text: string])[] = [
  [0n, 'h', '0b'],
  [1023n, 'h', '1023b'],
  [1024n, 'h', '1.00k'],
  [2n ** 30n - 1n, 'h', '1023.99m'],
  [2n ** 30n - 1n, 'g', '0.99g'],
  [10n ** 9n, 'H', '1.00G'],
  [1536n, 's', '3s'],
  [1000n, 's', '1.95s'],
  [2n ** 64n, 'e', '16.00e'],
];
for (const [bytes, unit, text] of printed) {
  test(`formatSize(${bytes}, ${unit}) is ${text}`, (t) => t.is(formatSize(bytes, unit), text));
}

test('formatSize without a suffix returns only the number', (t) => {
  t.is(formatSize(1024n, 'k', false), '1.00');
  t.is(formatSize(1024n, 'h', false), '1.00');
  t.is(formatSize(1023n, 'h', false), '1023');
  t.is(formatSize(1024n, 'b', false), '1024');
  t.is(formatSize(1024n, 's', false), '2');
  t.is(formatSize(768n, 's', false), '1.50');
});

test('parseSize inverts formatSize in bytes and whole sectors', (t) => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 80n), (bytes) => {
      t.is(parseSize(formatSize(bytes, 'b')), bytes);
      t.is(parseSize(formatSize(bytes * 512n, 's')), bytes * 512n);
    }),
  );
});

test('formatSize rounds down by less than one hundredth', (t) => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 2n ** 70n),
      fc.constantFrom<SizeUnit>('k', 'm', 'g', 't', 'p', 'e'),
      (bytes, unit) => {
        const hundredths = BigInt(formatSize(bytes, unit, false).replace('.', ''));
        const one = parseSize(`1${unit}`);
        t.true(hundredths * one <= bytes * 100n && bytes * 100n < (hundredths + 1n) * one);
      },
    ),
  );
});
