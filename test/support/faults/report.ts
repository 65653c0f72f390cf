// The rows of the fault matrix as lines of a log, and back.

import type { Row } from './matrix.ts';

const HEAD = 'fault: ';

/** The rows as lines: those that differ only in the number of the call are one line. */
export function printRows(rows: readonly Row[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { operation, call, errno, mode, result, why } of rows) {
    const key = JSON.stringify({ operation, call, errno, mode, result, why });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${HEAD}${count} ${key}`);
}
