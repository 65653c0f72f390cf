import test from 'ava';
import { count, markdownTable, time } from '../../../bench/markdown.ts';

test('a number has two decimals below 10, one below 100, and none above', (t) => {
  t.deepEqual([1, 1.234, 0.987, 12.34, 123.4, 4321].map(count), [
    '1',
    '1.23',
    '0.99',
    '12.3',
    '123',
    '4321',
  ]);
});

test('a time has the unit that suits it', (t) => {
  t.deepEqual([950, 12_340, 999_999, 1_500_000, 2_000_000_000].map(time), [
    '0.95 µs',
    '12.3 µs',
    '1000 µs',
    '1.5 ms',
    '2 s',
  ]);
});

test('a table aligns its numbers to the right', (t) => {
  t.is(markdownTable(['what', 'n'], [['a', '1']]), '| what | n |\n|---|---:|\n| a | 1 |');
});
