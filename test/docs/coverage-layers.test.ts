// The coverage by layer: a layer below a bound fails, whatever the others have.

import test from 'ava';
import { isCovered, layersOf } from '../../scripts/coverage-layers.ts';

const counts = (run: number, missed: number): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from({ length: run + missed }, (_, i) => [i, i < run ? 1 : 0]));

test('the files of a layer count together', (t) => {
  const report = [
    { path: '/src/dm/a.ts', s: counts(90, 10), b: { 0: [1, 1], 1: [1, 0] } },
    { path: '/src/dm/wire/b.ts', s: counts(100, 0), b: {} },
    { path: '/src/thin/c.ts', s: counts(94, 6), b: { 0: [5] } },
  ];
  t.deepEqual(layersOf(report, '/src'), [
    { layer: 'dm', lines: 95, branches: 75 },
    { layer: 'thin', lines: 94, branches: 100 },
  ]);
});

for (const [lines, branches, expected] of [
  [95, 90, true],
  [94.9, 100, false],
  [100, 89.9, false],
] as const) {
  test(`${lines} % of the lines and ${branches} % of the branches: ${expected}`, (t) =>
    t.is(isCovered({ layer: 'dm', lines, branches }), expected));
}
