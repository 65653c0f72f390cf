// The coverage by layer: a layer below a bound fails, whatever the others have.

import test from 'ava';
import { type FileCoverage, layersOf, shortfall } from '../../scripts/coverage-layers.ts';

const span = (from: number, to: number) => ({ start: { line: from }, end: { line: to } });

/** A file of 100 lines with a function and two branches of ten lines each; the branches are in the function. */
const file = (
  path: string,
  calls: number,
  ways: readonly [number, number],
  name = 'run',
): FileCoverage => ({
  path,
  statementMap: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, span(i, i)])),
  fnMap: { 0: { name, loc: span(1, 40) } },
  f: { 0: calls },
  branchMap: { 0: { loc: span(11, 20) }, 1: { loc: span(16, 25) } },
  b: { 0: [ways[0]], 1: [ways[1]] },
});

test('lines of functions and branches that did not run are missed once', (t) => {
  const report = [
    file('/src/dm/a.ts', 1, [1, 1]),
    file('/src/dm/wire/b.ts', 1, [0, 0]),
    file('/src/thin/c.ts', 0, [0, 0]),
  ];
  t.deepEqual(layersOf(report, '/src'), [
    { layer: 'dm', lines: 92.5, branches: 50 },
    { layer: 'thin', lines: 60, branches: 0 },
  ]);
});

test('what initializes the fields of a class counts as run', (t) => {
  const fields = file('/src/dm/a.ts', 0, [1, 1], '<instance_members_initializer>');
  t.deepEqual(layersOf([fields], '/src'), [{ layer: 'dm', lines: 100, branches: 100 }]);
});

for (const [layer, lines, branches, falls] of [
  ['dm', 95, 90, false],
  ['dm', 94.9, 100, true],
  ['dm', 100, 89.9, true],
  ['thin', 80, 90, false],
  ['thin', 79.9, 90, true],
] as const) {
  test(`${layer}: ${lines} % of the lines and ${branches} % of the branches`, (t) =>
    t.is(shortfall({ layer, lines, branches }) !== undefined, falls));
}
