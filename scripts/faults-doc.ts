// Writes docs/faults.md from the output of `npm run test:faults`, which it reads from standard input.

import { readFileSync, writeFileSync } from 'node:fs';
import { errnoCode, errnoNumber } from '../src/ioctl/libc/errno.ts';
import { RULES } from '../test/support/faults/expected.ts';
import { type FaultMode, MODES } from '../test/support/faults/faulty-transport.ts';
import type { Result } from '../test/support/faults/matrix.ts';
import { parseRows, type ReportLine } from '../test/support/faults/report.ts';

const KERNELS: Readonly<Record<string, string>> = { bookworm: '6.1', trixie: '6.12', sid: '7.x' };

/** The meaning of each result. */
const RESULTS: Readonly<Record<Result, string>> = {
  error: 'The operation fails with an error that names the call, and everything is as before.',
  'late error': 'The operation fails with such an error after its effect has taken place.',
  done: 'The operation succeeds. The reasons are below.',
  'next open':
    'The operation fails, and leaves what the next open or the repetition of the operation repairs.',
};

/** Node and dmts spell EOPNOTSUPP as ENOTSUP. */
const asNodeSpells = (errno: string): string => errnoCode(errnoNumber(errno));

const columns = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The results of some lines, with the kernels if they differ. */
function cellOf(lines: readonly ReportLine[]): string {
  const kernels = new Map<Result, Set<string>>();
  for (const { kernel, row } of lines) {
    const seen = kernels.get(row.result) ?? new Set();
    kernels.set(row.result, seen.add(KERNELS[kernel] ?? kernel));
  }
  const all = new Set(lines.map(({ kernel }) => KERNELS[kernel] ?? kernel));
  return [...kernels]
    .map(([result, on]) => (on.size === all.size ? result : `${result} (${[...on].join(', ')})`))
    .join(', ');
}

/** The rows of one call of an operation: errnos with the same results share a row. */
function callRows(
  operation: string,
  call: string,
  lines: readonly ReportLine[],
): readonly string[] {
  const errnos = new Map<string, string[]>();
  for (const errno of new Set(lines.map(({ row }) => row.errno))) {
    const of = (mode: FaultMode) =>
      cellOf(lines.filter(({ row }) => row.errno === errno && row.mode === mode)) || '–';
    const cells = columns(MODES.map(of));
    errnos.set(cells, [...(errnos.get(cells) ?? []), errno]);
  }
  return [...errnos].map(
    ([cells, codes]) =>
      `${columns([operation, `\`${call}\``, codes.map(asNodeSpells).join(' ')]).slice(0, -2)} ${cells}`,
  );
}

function* tableOf(lines: readonly ReportLine[]): Generator<string> {
  for (const operation of new Set(lines.map(({ row }) => row.operation))) {
    const own = lines.filter(({ row }) => row.operation === operation);
    for (const call of new Set(own.map(({ row }) => row.call))) {
      yield* callRows(
        operation,
        call,
        own.filter(({ row }) => row.call === call),
      );
    }
  }
}

/** The text of docs/faults.md. @throws Error if the output has no fault */
export function faultsDoc(output: string): string {
  const lines = parseRows(output);
  const cases = (kernel: string): number =>
    lines.filter((line) => line.kernel === kernel).reduce((sum, { count }) => sum + count, 0);
  if (lines.length === 0) throw new Error('The output has no fault');
  const counts = Object.entries(KERNELS)
    .filter(([suite]) => cases(suite) > 0)
    .map(([suite, name]) => `${cases(suite)} faults on Linux ${name}`);
  return `# Faults

What each operation does when one of its calls to the device mapper fails. \`npm run test:faults\` runs each operation on the real kernel, once
for each call and each errno of the call, and checks what is left: ${counts.join(', ')}.
\`npm --silent run test:faults | npm --silent run docs:faults\` writes this page.

A call is *refused*: the kernel does not get it. Its answer is *lost*: the kernel executes it, and answers with an errno; no
kernel does so, but a library that survives it survives everything in between. It is *repeated*: this call and every later one of its name are
refused.

After each fault the test checks: no device of the storage or pool is suspended, lacks a table or has an inactive table; no loop device,
file or directory is left; the thin ids of the pool are those of the records. Then the operation runs again, and must succeed.

| result | meaning |
|---|---|
${Object.entries(RESULTS)
  .map((cells) => columns(cells))
  .join('\n')}

An operation succeeds, although a call fails, for these reasons:

| operation | call | errno | reason |
|---|---|---|---|
${RULES.map(({ operation, call, errno, why }) =>
  columns(
    [[operation ?? 'any'], [call ?? 'any'], [errno ?? 'any'], [why]].map((cell) =>
      cell.flat().join(', '),
    ),
  ),
).join('\n')}

| operation | call | errno | refused | lost | repeated |
|---|---|---|---|---|---|
${[...tableOf(lines)].join('\n')}
`;
}

if (process.argv[1]?.endsWith('faults-doc.js')) {
  writeFileSync('docs/faults.md', faultsDoc(readFileSync(0, 'utf8')));
}
