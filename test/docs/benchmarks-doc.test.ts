// The page and the plots of the benchmark are what its results give.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { benchmarksPage } from '../../bench/page.ts';
import { parts } from '../../bench/parts.ts';

const sections = parts.map(({ name, section, plot }) => {
  const results = JSON.parse(readFileSync(`docs/benchmarks/${name}.json`, 'utf8')) as never;
  return { name, text: section(results), plot: plot(results) };
});

test('docs/benchmarks.md is up to date', (t) => {
  t.is(readFileSync('docs/benchmarks.md', 'utf8'), benchmarksPage(sections));
});

for (const { name, plot } of sections) {
  test(`docs/benchmarks/${name}.svg is up to date`, (t) => {
    t.is(readFileSync(`docs/benchmarks/${name}.svg`, 'utf8'), plot);
  });
}
