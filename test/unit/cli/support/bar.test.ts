// Bars keep their width, and never become shorter when usage grows.

import test from 'ava';
import fc from 'fast-check';
import { bar, percentDigits, percentOf, percentText } from '../../../../src/cli/support/bar.ts';

const rows: readonly (readonly [used: bigint, total: bigint, picture: string, percent: string])[] =
  [
    [0n, 10n, '········│·', '0.0%'],
    [5n, 10n, '█████···│·', '50.0%'],
    [9n, 10n, '████████│·', '90.0%'],
    [10n, 10n, '████████│█', '100.0%'],
    [9999n, 10_000n, '████████│·', '99.9%'],
    [0n, 0n, '········│·', '0.0%'],
    [1n, 1_000_000n, '········│·', '0.1%'],
  ];

for (const [used, total, picture, percent] of rows) {
  test(`${used} of ${total}`, (t) => {
    t.is(bar({ used, total }, 80, 10), picture);
    t.is(percentText({ used, total }), percent);
  });
}

// The rows of lvm2's test of percentages, with 0, 2, 3 and 4 decimals.
const percents: readonly (readonly [used: bigint, total: bigint, ...texts: readonly string[]])[] = [
  [100n, 100n, '100.00', '100.000', '100.0000', '100'],
  [100_000n, 100_000n, '100.00', '100.000', '100.0000', '100'],
  [999_999n, 1_000_000n, '99.99', '99.999', '99.9999', '99'],
  [0n, 100n, '0.00', '0.000', '0.0000', '0'],
  [1n, 1_000_000n, '0.01', '0.001', '0.0001', '1'],
];

for (const [used, total, ...texts] of percents) {
  test(`${used} of ${total} in percent`, (t) => {
    t.deepEqual(
      [2, 3, 4, 0].map((decimals) => percentDigits({ used, total }, decimals)),
      texts,
    );
  });
}

const usage = fc
  .tuple(fc.bigInt(0n, 2n ** 64n), fc.bigInt(0n, 2n ** 64n))
  .map(([a, b]) => (a < b ? { used: a, total: b } : { used: b, total: a }));

test('a bar keeps its width, and looks full only at full usage', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        usage,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 80 }),
        (u, mark, width) => {
          const text = bar(u, mark, width);
          const isFull = u.total > 0n && u.used === u.total;
          const cells = [...text].filter((cell) => cell !== '│');
          return (
            [...text].length === width &&
            cells.length === width - 1 &&
            (cells.length === 0 ||
              isFull ||
              width === 1 ||
              !cells.every((cell) => cell === '█') ||
              text.endsWith('│')) &&
            (percentOf(u) === 100) === isFull &&
            (percentOf(u) === 0) === (u.used === 0n)
          );
        },
      ),
    ),
  );
});

test('more usage never gives a shorter bar', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(usage, fc.bigInt(0n, 2n ** 64n), ({ used, total }, more) => {
        const then = used + more < total ? used + more : total;
        const length = (part: bigint): number =>
          [...bar({ used: part, total }, 80)].filter((cell) => cell === '█').length;
        return length(used) <= length(then);
      }),
    ),
  );
});
