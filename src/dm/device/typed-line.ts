// A line of a table or a status with its parsed record.

import type { DeviceInfo } from '../reply/device-info.ts';
import type { Messages, TargetKind, TrailingWords } from '../targets/words/kind.ts';
import type { TableLine } from '../text/table.ts';
import type { ReplyError } from '../wire/errors.ts';

/** A line and its parsed record. */
export interface TypedLine<R = unknown> extends TableLine {
  /** The parsed text; `undefined` for an untyped target, for one without a status, and if parsing failed. */
  readonly record: R | undefined;
  /** Why parsing failed. */
  readonly problem?: ReplyError;
}

/**
 * Whether a line of a status has this target type and was parsed:
 * `if (hasStatus(line, thinPool)) line.record.state`.
 */
export const hasStatus = <P, S, M extends Messages, R>(
  line: TypedLine,
  kind: TargetKind<P, S, M, R>,
): line is TypedLine<S> & { readonly record: Exclude<S, undefined> } =>
  line.type === kind.type && line.problem === undefined && line.record !== undefined;

/** Whether a line of a table has this target type and was parsed. */
export const hasParams = <P, S, M extends Messages, R>(
  line: TypedLine,
  kind: TargetKind<P, S, M, R>,
): line is TypedLine<R & TrailingWords> & { readonly record: R & TrailingWords } =>
  line.type === kind.type && line.problem === undefined && line.record !== undefined;

/** A device and its targets, as one request reads them, and the record of each target. */
export interface TypedStatus {
  readonly info: DeviceInfo;
  readonly targets: readonly TypedLine[];
}
