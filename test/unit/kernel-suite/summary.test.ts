import test from 'ava';
import { formatSummary, parseSummary, type Summary } from '../../kernel/suite/summary.ts';
import { countTap, emptyCounts } from '../../kernel/suite/tap.ts';

const summary: Summary = { kernel: '6.1.176', passed: 12, failed: 1, skipped: 2, left: 3 };

test('the summary on the last line is parsed', (t) => {
  t.deepEqual(parseSummary(`ok 1 - x\n${formatSummary(summary)}\n\n`), summary);
});

for (const [title, output] of [
  ['no output', ''],
  ['a different last line', `${formatSummary(summary)}\nSegmentation fault\n`],
  ['a truncated summary', formatSummary(summary).slice(0, -1)],
] as const)
  test(`no summary: ${title}`, (t) => {
    t.is(parseSummary(output), undefined);
  });

test('TAP lines are counted by result', (t) => {
  const lines = [
    'TAP version 13',
    'ok 1 - a',
    'not ok 2 - b',
    'ok 3 - c # SKIP',
    '#   a log',
    'ok 4',
  ];
  t.deepEqual(lines.reduce(countTap, emptyCounts), { passed: 2, failed: 1, skipped: 1 });
});
