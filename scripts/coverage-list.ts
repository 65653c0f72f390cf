// docs/coverage.md has the reason for each gap in the coverage of the unit tests. `npm run coverage` fails if a gap is
// not listed, or if a listed one is covered or no longer exists.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Span {
  readonly start: { readonly line: number };
  readonly end: { readonly line: number };
}

/** The used fields of istanbul's report of one file: a statement is a line, a branch is any block. */
export interface FileCoverage {
  readonly path: string;
  readonly statementMap: Readonly<Record<string, Span>>;
  readonly s: Readonly<Record<string, number>>;
  readonly branchMap: Readonly<Record<string, { readonly loc: Span }>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** The first lines of the gaps: blocks that were not run, and other lines that were not run. */
export function uncoveredLines({ statementMap, s, branchMap, b }: FileCoverage): readonly number[] {
  const spans = Object.keys(b)
    .filter((id) => b[id]!.includes(0))
    .map((id) => branchMap[id]!.loc)
    .map(({ start, end }) => [start.line, end.line] as const);
  const lines = Object.keys(s)
    .filter((id) => s[id] === 0)
    .map((id) => statementMap[id]!.start.line)
    .filter((line) => !spans.some(([from, to]) => from <= line && line <= to));
  const runs = lines.filter((line) => !lines.includes(line - 1));
  const outer = spans.filter(
    (one) => !spans.some((other) => other[0] < one[0] && one[1] <= other[1]),
  );
  return [...new Set([...runs, ...outer.map(([from]) => from)])].sort((x, y) => x - y);
}

/** Parse the list: `| \`file\` | \`code\` | why |`. @returns each file with its code, and whether it is never run */
export const listed = (markdown: string): ReadonlyMap<string, 'never' | 'sometimes'> =>
  new Map(
    [...markdown.matchAll(/^\| `([^`]+)` \| `(.+?)` \| ([^|\s]\S*)/gm)].map(
      ([, file, code, first]) => [
        keyOf(file!, code!.replaceAll('\\|', '|')),
        first === 'Sometimes:' ? 'sometimes' : 'never',
      ],
    ),
  );

/** The code of a line. If it has no words, the preceding lines are included. */
export function codeAt(lines: readonly string[], line: number): string {
  const text = lines[line - 1]!.trim();
  return line === 1 || /\w/.test(text) ? text : `${codeAt(lines, line - 1)} ${text}`;
}

const keyOf = (file: string, code: string): string => `${file}: ${code}`;

/** The differences between a report and the list, as text. */
export function differences(
  report: readonly FileCoverage[],
  markdown: string,
  sourceOf: (path: string) => string,
): readonly string[] {
  const known = listed(markdown);
  const found = new Set(
    report.flatMap((file) => {
      const lines = sourceOf(file.path).split('\n');
      const name = relative('src', file.path);
      return uncoveredLines(file).map((line) => keyOf(name, codeAt(lines, line)));
    }),
  );
  return [
    ...[...found]
      .filter((key) => !known.has(key))
      .map((key) => `not covered and not listed: ${key}`),
    ...[...known]
      .filter(([key, when]) => when === 'never' && !found.has(key))
      .map(([key]) => `listed, but covered or removed: ${key}`),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const report = JSON.parse(readFileSync('coverage/coverage-final.json', 'utf8')) as Readonly<
    Record<string, FileCoverage>
  >;
  const list = readFileSync('docs/coverage.md', 'utf8');
  const found = differences(Object.values(report), list, (path) => readFileSync(path, 'utf8'));
  for (const line of found) console.error(line);
  if (found.length > 0) process.exitCode = 1;
}
