// The layout of the sources: imports go one way, and no file or folder grows beyond what a reader takes in at once.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';

const LINES_MAX = 300;
const FILES_MAX = 15;
/** The layers, from the top down. `testing` stands beside the upper ones: only programs import it. */
const LAYERS = ['cli', 'volumes', 'storage', 'thin', 'block', 'dm', 'ioctl'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('-thread-source.ts'),
);

/** The files that a file imports, also for types and on demand. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join('src', file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)]
    .map(([, path]) => normalize(join(dirname(file), path!)))
    .filter((path) => !path.endsWith('-thread-source.ts'));
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const graph: Graph = new Map(files.map((file) => [file, new Set(importsOf(file))]));

/** The same arrows between folders. */
function foldersOf(all: Graph): Graph {
  const folders = new Map<string, Set<string>>();
  for (const [file, imported] of all) {
    const from = dirname(file);
    const to = folders.get(from) ?? new Set();
    for (const path of imported) if (dirname(path) !== from) to.add(dirname(path));
    folders.set(from, to);
  }
  return folders;
}

/** What is left after everything that imports nothing left is taken away: the circles, and what leads to them. */
function circlesOf(all: Graph): readonly string[] {
  const left = new Set(all.keys());
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const node of left) {
      if (![...all.get(node)!].some((to) => left.has(to))) left.delete(node);
    }
  }
  return [...left].sort();
}

test('the circles of a graph are found', (t) => {
  const all = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c', 'd'])],
    ['c', new Set(['b'])],
    ['d', new Set<string>()],
  ]);
  t.deepEqual(circlesOf(all), ['a', 'b', 'c']);
});

test('no files import each other, not even for types', (t) => {
  t.true(graph.size > 300);
  t.deepEqual(circlesOf(graph), []);
});

test('no folders import each other', (t) => {
  t.deepEqual(circlesOf(foldersOf(graph)), []);
});

test('an import goes to the same layer or to a lower one', (t) => {
  const layerOf = (file: string): number => LAYERS.indexOf(file.split('/', 1)[0]!);
  const upward = [...graph].flatMap(([file, imported]) =>
    layerOf(file) === -1
      ? []
      : [...imported].filter((to) => layerOf(to) < layerOf(file)).map((to) => `${file}: ${to}`),
  );
  t.deepEqual(upward, []);
});

test(`no file has more than ${LINES_MAX} lines, and no folder more than ${FILES_MAX} files`, (t) => {
  const long = files.filter(
    (file) => readFileSync(join('src', file), 'utf8').split('\n').length - 1 > LINES_MAX,
  );
  t.deepEqual(long, []);
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  t.deepEqual(
    [...counts].filter(([, count]) => count > FILES_MAX),
    [],
  );
});
