// The report of the fault matrix: rows to a log and back, and the page.

import test from 'ava';
import { faultsDoc } from '../../../scripts/faults-doc.ts';
import type { Row } from '../../support/faults/matrix.ts';
import { parseRows, printRows } from '../../support/faults/report.ts';

const row = (fields: Partial<Row>): Row => ({
  operation: 'mount',
  call: 'load',
  number: 0,
  errno: 'ENOMEM',
  mode: 'refused',
  result: 'error',
  ...fields,
});

/** The output of a guest: ava's log of a test, and the line with the kernel. */
const output = (kernel: string, rows: readonly Row[]): string =>
  [...printRows(rows).map((line) => `#   ${line}`), `# 1 of 1: crash/fault-pool on ${kernel}, 9 s`]
    .map((line) => `${line}\n`)
    .join('');

test('rows that differ in the number of the call are one line', (t) => {
  const log = output('bookworm', [row({}), row({ number: 1 }), row({ errno: 'EIO' })]);
  t.deepEqual(
    parseRows(log).map(({ kernel, count, row: { errno } }) => [kernel, count, errno]),
    [
      ['bookworm', 2, 'ENOMEM'],
      ['bookworm', 1, 'EIO'],
    ],
  );
});

test('errnos with the same results share a row; results that differ name their kernels', (t) => {
  const rows = [row({}), row({ errno: 'EIO' }), row({ mode: 'lost', errno: 'ENXIO' })];
  const page = faultsDoc(
    output('bookworm', rows) + output('sid', [row({ result: 'done' }), ...rows.slice(1)]),
  );
  t.true(page.includes('3 faults on Linux 6.1, 3 faults on Linux 7.x'), page);
  t.true(page.includes('| mount | `load` | ENOMEM | error (6.1), done (7.x) | – | – |'), page);
  t.true(page.includes('| mount | `load` | EIO | error | – | – |'), page);
  t.true(page.includes('| mount | `load` | ENXIO | – | error | – |'), page);
});

test('an output without a fault is refused', (t) => {
  t.throws(() => faultsDoc('no fault'), { message: 'The output has no fault' });
});
