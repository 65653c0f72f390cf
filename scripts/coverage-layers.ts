// Prints how much of each layer of src the unit tests and the kernel tests run, and fails below the bounds. c8 writes the
// report that it reads.

import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Span {
  readonly start: { readonly line: number };
  readonly end: { readonly line: number };
}

/** The used fields of istanbul's report of one file: its lines, functions and branches, and how often the last two ran. */
export interface FileCoverage {
  readonly path: string;
  readonly statementMap: Readonly<Record<string, Span>>;
  readonly fnMap: Readonly<Record<string, { readonly name: string; readonly loc: Span }>>;
  readonly f: Readonly<Record<string, number>>;
  readonly branchMap: Readonly<Record<string, { readonly loc: Span }>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** The least parts that must run, in percent. */
const LINES: Readonly<Record<string, number>> = {
  block: 95,
  dm: 95,
  ioctl: 94,
  storage: 80,
  thin: 80,
};
const BRANCHES = 90;

/** The coverage of a layer, in percent. */
export interface LayerCoverage {
  readonly layer: string;
  readonly lines: number;
  readonly branches: number;
}

/** V8's name of the function that initializes the fields of a class. V8 can report it as not run although the class is in use. */
const FIELDS = '<instance_members_initializer>';

/** The number of lines in functions and branches that did not run. c8 itself counts each line of a loaded file as run. */
function missedLines({ fnMap, f, branchMap, b }: FileCoverage): number {
  const spans = [
    ...Object.keys(f)
      .filter((id) => f[id] === 0 && fnMap[id]!.name !== FIELDS)
      .map((id) => fnMap[id]!.loc),
    ...Object.keys(b)
      .filter((id) => b[id]!.includes(0))
      .map((id) => branchMap[id]!.loc),
  ];
  const lines = spans.flatMap(({ start, end }) =>
    Array.from({ length: end.line - start.line + 1 }, (_, i) => start.line + i),
  );
  return new Set(lines).size;
}

const percent = (part: number, all: number): number => (all === 0 ? 100 : (100 * part) / all);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** The coverage of each folder of `root`. */
export function layersOf(report: readonly FileCoverage[], root: string): readonly LayerCoverage[] {
  const layerOf = ({ path }: FileCoverage): string => relative(root, path).split(sep)[0]!;
  return [...new Set(report.map(layerOf))].toSorted().map((layer) => {
    const files = report.filter((file) => layerOf(file) === layer);
    const lines = sum(files.map(({ statementMap }) => Object.keys(statementMap).length));
    const ways = files.flatMap(({ b }) => Object.values(b).flat());
    return {
      layer,
      lines: percent(lines - sum(files.map(missedLines)), lines),
      branches: percent(ways.filter((count) => count > 0).length, ways.length),
    };
  });
}

/** What a layer lacks; `undefined` if it keeps its bounds. */
export function shortfall({ layer, lines, branches }: LayerCoverage): string | undefined {
  const least = LINES[layer] ?? 95;
  return lines >= least && branches >= BRANCHES
    ? undefined
    : `expected ${least} % of the lines and ${BRANCHES} % of the branches`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const report = JSON.parse(readFileSync('coverage/coverage-final.json', 'utf8')) as Readonly<
    Record<string, FileCoverage>
  >;
  for (const one of layersOf(Object.values(report), 'src')) {
    const { layer, lines, branches } = one;
    const short = shortfall(one);
    const parts = `${lines.toFixed(1)} % of the lines, ${branches.toFixed(1)} % of the branches`;
    console.log(`src/${layer}: ${parts}${short === undefined ? '' : `: ${short}`}`);
    if (short !== undefined) process.exitCode = 1;
  }
}
