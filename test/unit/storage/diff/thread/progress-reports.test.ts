import test from 'ava';
import { ProgressReports } from '../../../../../src/storage/diff/thread/progress-reports.ts';
import type { DiffProgress } from '../../../../../src/storage/diff/tree/options.ts';

test('the first and the last entry are reported, and few of those between', (t) => {
  const seen: number[] = [];
  const reports = new ProgressReports(({ entries }: DiffProgress) => seen.push(entries));
  const start = performance.now();
  for (let entries = 1; entries <= 10_000; entries++) reports.note({ entries, bytes: 0n });
  reports.flush();
  reports.flush();
  t.is(seen[0], 1);
  t.is(seen.at(-1), 10_000);
  t.deepEqual(seen, [...new Set(seen)]);
  // One at the start, one each 20 milliseconds, one at the end.
  t.true(seen.length <= 3 + (performance.now() - start) / 20);
});

test('nothing is reported without an entry', (t) => {
  const reports = new ProgressReports(() => t.fail());
  reports.flush();
  t.pass();
});
