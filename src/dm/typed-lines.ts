// The lines of a table or a status with the records that their targets' texts are.

import { ReplyError, reportedOf } from './errors.ts';
import { hiddenLine } from './hidden-line.ts';
import type { TableLine } from './table.ts';
import type { Messages, TargetKind, TrailingWords } from './targets/kind.ts';
import { targetKinds } from './targets/registry.ts';

/** A line, and what it says. */
export interface TypedLine<R = unknown> extends TableLine {
  /** The text as a record; `undefined` for a target that is not typed, has no status, or could not be read. */
  readonly record: R | undefined;
  /** Why it could not be read. */
  readonly problem?: ReplyError;
}

/** Read each line of `device` with its target's `parseStatus` or `parseParams`. Never throws: `problem` is the error. */
export const typeLines = (
  device: string,
  lines: readonly TableLine[],
  read: 'parseParams' | 'parseStatus',
): readonly TypedLine[] =>
  lines.map((line) => {
    try {
      const record = reportedOf(device, () => targetKinds.get(line.type)?.[read](line.params));
      return hiddenLine({ ...line, record });
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      return hiddenLine({ ...line, record: undefined, problem: error });
    }
  });

/**
 * Whether a line of a status is of this kind and could be read:
 * `if (hasStatus(line, thinPool)) line.record.state`.
 */
export const hasStatus = <P, S, M extends Messages, R>(
  line: TypedLine,
  kind: TargetKind<P, S, M, R>,
): line is TypedLine<S> & { readonly record: S } =>
  line.type === kind.type && line.problem === undefined && line.record !== undefined;

/** Whether a line of a table is of this kind and could be read. */
export const hasParams = <P, S, M extends Messages, R>(
  line: TypedLine,
  kind: TargetKind<P, S, M, R>,
): line is TypedLine<R & TrailingWords> & { readonly record: R & TrailingWords } =>
  line.type === kind.type && line.problem === undefined && line.record !== undefined;
