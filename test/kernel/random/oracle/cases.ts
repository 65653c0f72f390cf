// Tables to load, valid and slightly invalid.

import fc from 'fast-check';
import { type Change, changedLine, someChange } from './changes.ts';
import type { Sample } from './sample.ts';

/** A table to load with both. */
export interface Case {
  /** Lines as dmsetup reads them; devices are placeholder words. */
  readonly lines: readonly string[];
  readonly readOnly: boolean;
  /** A description of the change to the table. */
  readonly change: string;
  /** The samples that the lines were made of, `undefined` for each changed line. */
  readonly samples: readonly (Sample | undefined)[];
}

const lineOf = ({ kind, length, params }: Sample, start: bigint): string =>
  `${start} ${length} ${kind.type} ${kind.formatParams(params as never)}`.trimEnd();

/** A case that prints readably in fast-check's reports. */
const readable = (table: Case): Case =>
  Object.assign({}, table, {
    [fc.toStringMethod]: () =>
      [
        `${table.change}${table.readOnly ? ', read-only' : ''}:`,
        ...table.lines.map((line) => `  ${line}`),
      ].join('\n'),
  });

function caseOf(samples: readonly Sample[], change: Change | undefined): Case {
  let start = 0n;
  const lines = samples.map((sample) => {
    const line = lineOf(sample, start);
    start += sample.length;
    return line;
  });
  const readOnly = samples.some((sample) => sample.readOnly);
  if (change === undefined) {
    return readable({ lines, readOnly, change: 'unchanged', samples });
  }
  if (change.what === 'access') {
    return readable({ lines, readOnly: !readOnly, change: 'the other access mode', samples });
  }
  const at = change.line % lines.length;
  const { line, words } = changedLine(lines[at]!, change);
  return readable({
    lines: lines.with(at, line),
    readOnly,
    change: words,
    samples: samples.with(at, undefined as never),
  });
}

/** Tables of up to `maxLength` samples; more than half of them are invalid. */
export const cases = (sample: fc.Arbitrary<Sample>, maxLength: number): fc.Arbitrary<Case> =>
  fc
    .tuple(
      fc.array(sample, { minLength: Math.min(maxLength, 2), maxLength, size: 'max' }),
      fc.oneof(
        { withCrossShrink: true },
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: someChange },
      ),
    )
    .map(([samples, change]) => caseOf(samples, change));
