// Lines of a table or a status with their parsed records.

import { ReplyError, reportedOf } from './errors.ts';
import { hiddenLine } from './hidden-line.ts';
import type { TableLine } from './table.ts';
import type { Messages, TargetKind, TrailingWords } from './targets/kind.ts';
import { targetKinds } from './targets/registry.ts';

/** A line and its parsed record. */
export interface TypedLine<R = unknown> extends TableLine {
  /** The parsed text; `undefined` for an untyped target, for one without a status, and if parsing failed. */
  readonly record: R | undefined;
  /** Why parsing failed. */
  readonly problem?: ReplyError;
}

/**
 * Parses each line of `device` with its target's `parseStatus` or `parseParams`. Never throws: `problem` has the error.
 */
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
 * Whether a line of a status has this target type and was parsed:
 * `if (hasStatus(line, thinPool)) line.record.state`.
 */
export const hasStatus = <P, S, M extends Messages, R>(
  line: TypedLine,
  kind: TargetKind<P, S, M, R>,
): line is TypedLine<S> & { readonly record: S } =>
  line.type === kind.type && line.problem === undefined && line.record !== undefined;

/** Whether a line of a table has this target type and was parsed. */
export const hasParams = <P, S, M extends Messages, R>(
  line: TypedLine,
  kind: TargetKind<P, S, M, R>,
): line is TypedLine<R & TrailingWords> & { readonly record: R & TrailingWords } =>
  line.type === kind.type && line.problem === undefined && line.record !== undefined;
