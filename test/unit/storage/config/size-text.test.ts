import test from 'ava';
import fc from 'fast-check';
import { humanSize, parseBinarySize } from '../../../../src/storage/config/size-text.ts';

const KIB = 1024n;
const READ: readonly (readonly [text: string, bytes: bigint])[] = [
  ['0', 0n],
  ['32', 32n],
  ['32b', 32n],
  ['32B', 32n],
  ['32k', 32n * KIB],
  ['32K', 32n * KIB],
  ['32kb', 32n * KIB],
  ['32Kb', 32n * KIB],
  ['32KiB', 32n * KIB],
  ['32kib', 32n * KIB],
  ['32Mb', 32n * KIB ** 2n],
  ['32Gb', 32n * KIB ** 3n],
  ['32Tb', 32n * KIB ** 4n],
  ['32Pb', 32n * KIB ** 5n],
  ['32PB', 32n * KIB ** 5n],
  ['32P', 32n * KIB ** 5n],
  ['10G', 10_737_418_240n],
  ['100 GB', 107_374_182_400n],
  ['32.3', 32n],
  ['32.5 k', 33_280n],
  ['1.5G', 1_610_612_736n],
  // A float would be off by hundreds here.
  ['8191.9999999999999999P', 9_223_372_036_854_775_807n],
  ['9223372036854775807', 2n ** 63n - 1n],
];

for (const [text, bytes] of READ) {
  test(`"${text}" is ${bytes} bytes`, (t) => t.is(parseBinarySize(text), bytes));
}

const NOT_READ = [
  '',
  'hello',
  '-32',
  '-32k',
  '+32',
  ' 32 ',
  '32  k',
  '32m b',
  '32bm',
  '32kk',
  '32e',
  '1e3',
  '0x10',
  '1,5G',
  '1.2.3',
  '٣٢',
  '9223372036854775808',
  '8192P',
];

for (const text of NOT_READ) {
  test(`"${text}" is not a size`, (t) => t.is(parseBinarySize(text), undefined));
}

const PRINTED: readonly (readonly [bytes: bigint, text: string])[] = [
  [0n, '0B'],
  [1n, '1B'],
  [999n, '999B'],
  [1000n, '1kB'],
  [1024n, '1.024kB'],
  // The output of docker info for 64 KiB, 512 KiB, 10 GiB and 2 GiB.
  [65_536n, '65.54kB'],
  [524_288n, '524.3kB'],
  [10n * KIB ** 3n, '10.74GB'],
  [2n * KIB ** 3n, '2.147GB'],
  [1_048_576n, '1.049MB'],
  [100n * KIB ** 3n, '107.4GB'],
  [3_000_000_000_000n, '3TB'],
  // Rounded to four digits, without a change to the next unit.
  [999_999n, '1000kB'],
  [2n ** 64n - 1n, '18.45EB'],
];

for (const [bytes, text] of PRINTED) {
  test(`${bytes} bytes are ${text}`, (t) => t.is(humanSize(bytes), text));
}

test('whole numbers of any unit are parsed exactly', (t) => {
  const units = ['', 'k', 'm', 'g', 't'];
  fc.assert(
    fc.property(fc.nat({ max: 8191 }), fc.nat({ max: 4 }), (count, power) => {
      t.is(parseBinarySize(`${count}${units[power]}`), BigInt(count) * KIB ** BigInt(power));
    }),
  );
  t.pass();
});
