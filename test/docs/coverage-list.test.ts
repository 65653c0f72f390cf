import test from 'ava';
import {
  codeAt,
  differences,
  type FileCoverage,
  listed,
  uncoveredLines,
} from '../../scripts/coverage-list.ts';

const span = (from: number, to: number) => ({ start: { line: from }, end: { line: to } });

/** A file of ten lines. The lines in `missed` were not run; the blocks have their counts. */
const file = (
  missed: readonly number[],
  blocks: readonly (readonly [from: number, to: number, count: number])[],
): FileCoverage => ({
  path: 'src/dm/x.ts',
  statementMap: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, span(i + 1, i + 1)])),
  s: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, missed.includes(i + 1) ? 0 : 3])),
  branchMap: Object.fromEntries(blocks.map(([from, to], i) => [i, { loc: span(from, to) }])),
  b: Object.fromEntries(blocks.map(([, , count], i) => [i, [count]])),
});

for (const [title, coverage, lines] of [
  ['a file that was run whole', file([], [[1, 10, 1]]), []],
  ['lines outside of any block, run by run', file([2, 3, 7], []), [2, 7]],
  ['a block within a line', file([], [[4, 4, 0]]), [4]],
  ['a block of lines counts once, from where it begins', file([5, 6], [[4, 7, 0]]), [4]],
  [
    'an untested block within another',
    file(
      [5, 6],
      [
        [4, 7, 0],
        [5, 6, 0],
      ],
    ),
    [4],
  ],
  [
    'two blocks that begin on one line',
    file(
      [],
      [
        [4, 4, 0],
        [4, 4, 0],
      ],
    ),
    [4],
  ],
] as const) {
  test(title, (t) => {
    t.deepEqual(uncoveredLines(coverage), [...lines]);
  });
}

const SOURCE = 'one();\n  two() || three();\nfour();\n';

test('the list and the report agree', (t) => {
  const list =
    '| file | code | why |\n|---|---|---|\n| `dm/x.ts` | `two() \\|\\| three();` | so |\n';
  t.deepEqual(
    differences([file([], [[2, 2, 0]])], list, () => SOURCE),
    [],
  );
});

test('unlisted gaps and stale entries are reported', (t) => {
  const list = '| `dm/x.ts` | `four();` | so |\n| `dm/y.ts` | `five();` | so |\n';
  t.deepEqual(
    differences([file([1], [])], list, () => SOURCE),
    [
      'not covered and not listed: dm/x.ts: one();',
      'listed, but covered or removed: dm/x.ts: four();',
      'listed, but covered or removed: dm/y.ts: five();',
    ],
  );
});

test('an entry that depends on the machine may be tested or not', (t) => {
  const list = '| `dm/x.ts` | `four();` | Sometimes: a race |\n';
  t.deepEqual(
    differences([file([], [])], list, () => SOURCE),
    [],
  );
  t.deepEqual(
    differences([file([3], [])], list, () => SOURCE),
    [],
  );
});

test('a bracket is identified by the code before it', (t) => {
  t.is(codeAt(['  one();', '}', '', '}'], 4), 'one(); }  }');
  t.is(codeAt(['}'], 1), '}');
});

test('an entry without a reason does not count', (t) => {
  t.deepEqual([...listed('| `dm/x.ts` | `one();` | |\n')], []);
});
