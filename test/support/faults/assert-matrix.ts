// Runs the fault matrix of an operation as a test, and prints its rows for docs/faults.md.

import type { ExecutionContext } from 'ava';
import { type MatrixOptions, type Operation, type Row, runMatrix, type Subject } from './matrix.ts';
import { printRows } from './report.ts';

/** Runs the matrix of an operation. Nothing must be wrong. */
export async function assertMatrix<S extends Subject>(
  t: ExecutionContext,
  subject: S,
  operation: Operation<S>,
  options: MatrixOptions,
): Promise<readonly Row[]> {
  await subject.renew();
  const { rows, wrong } = await runMatrix(subject, operation, options);
  for (const line of printRows(rows)) t.log(line);
  t.log(`${operation.title}: ${rows.length} faults`);
  t.deepEqual(wrong, []);
  return rows;
}
