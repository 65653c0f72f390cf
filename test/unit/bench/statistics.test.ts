import test from 'ava';
import { median, quantile, ratioOf } from '../../../bench/statistics.ts';

test('the median is the middle value, whatever the order', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([10, 9, 100]), 10);
  t.is(median([4, 1, 3, 2]), 3);
});

test('a quantile of no values is refused', (t) => {
  t.throws(() => quantile([], 0.25), { instanceOf: RangeError, message: /expected at least one/ });
});

test('quantiles are values', (t) => {
  const values = [8, 7, 6, 5, 4, 3, 2, 1];
  t.is(quantile(values, 0), 1);
  t.is(quantile(values, 0.25), 3);
  t.is(quantile(values, 1), 8);
});

test('a ratio compares round by round, so that a slow round of the machine does not count', (t) => {
  t.is(ratioOf([2, 20, 4], [1, 10, 2]), 2);
  t.is(ratioOf([2, 2, 200], [1, 1, 100]), 2);
  t.throws(() => ratioOf([1], [1, 2]), { message: 'invalid rounds: expected 2, got 1' });
});
