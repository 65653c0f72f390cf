// Prints how much of each layer of src the unit tests run, and fails below the bounds. c8 writes the report that it reads.

import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The used fields of istanbul's report of one file: how often each line and each way of each branch ran. */
export interface FileCoverage {
  readonly path: string;
  readonly s: Readonly<Record<string, number>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** The least parts that must run, in percent. */
export const BOUNDS = { lines: 95, branches: 90 } as const;

/** The coverage of a layer, in percent. */
export interface LayerCoverage {
  readonly layer: string;
  readonly lines: number;
  readonly branches: number;
}

const percent = (counts: readonly number[]): number =>
  counts.length === 0 ? 100 : (100 * counts.filter((count) => count > 0).length) / counts.length;

/** The coverage of each folder of `root`. */
export function layersOf(report: readonly FileCoverage[], root: string): readonly LayerCoverage[] {
  const layerOf = ({ path }: FileCoverage): string => relative(root, path).split(sep)[0]!;
  return [...new Set(report.map(layerOf))].toSorted().map((layer) => {
    const files = report.filter((file) => layerOf(file) === layer);
    return {
      layer,
      lines: percent(files.flatMap(({ s }) => Object.values(s))),
      branches: percent(files.flatMap(({ b }) => Object.values(b).flat())),
    };
  });
}

/** Whether a layer keeps the bounds. */
export const isCovered = ({ lines, branches }: LayerCoverage): boolean =>
  lines >= BOUNDS.lines && branches >= BOUNDS.branches;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const report = JSON.parse(readFileSync('coverage/coverage-final.json', 'utf8')) as Readonly<
    Record<string, FileCoverage>
  >;
  for (const one of layersOf(Object.values(report), 'src')) {
    const { layer, lines, branches } = one;
    const verdict = isCovered(one) ? '' : `: expected ${BOUNDS.lines} and ${BOUNDS.branches} %`;
    console.log(
      `src/${layer}: ${lines.toFixed(1)} % of the lines, ${branches.toFixed(1)} % of the branches${verdict}`,
    );
    if (verdict !== '') process.exitCode = 1;
  }
}
