// The rows of the fault matrix as lines of a log, and back.

import type { Row } from './matrix.ts';

/** A row, without the number of the call. */
export type ReportRow = Omit<Row, 'number'>;

/** Rows of one kernel that are the same but for the number of the call. */
export interface ReportLine {
  /** The suite of the kernel: `'bookworm'`. */
  readonly kernel: string;
  readonly count: number;
  readonly row: ReportRow;
}

const HEAD = 'fault: ';

/** The rows as lines: those that differ only in the number of the call are one line. */
export function printRows(rows: readonly Row[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { number, ...row } of rows) {
    const key = JSON.stringify(row);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${HEAD}${count} ${key}`);
}

/** Reads the rows from the output of a run. The line after the output of a guest names its kernel. */
export function parseRows(output: string): readonly ReportLine[] {
  const lines: ReportLine[] = [];
  let waiting: Omit<ReportLine, 'kernel'>[] = [];
  for (const line of output.split('\n')) {
    const [, count, row] = /fault: (\d+) (\{.*\})$/.exec(line) ?? [];
    if (row !== undefined) waiting.push({ count: Number(count), row: JSON.parse(row) });
    const kernel = /^# \d+ of \d+: .* on (\w+), \d+ s$/.exec(line)?.[1];
    if (kernel === undefined) continue;
    lines.push(...waiting.map((found) => ({ ...found, kernel })));
    waiting = [];
  }
  return lines;
}
