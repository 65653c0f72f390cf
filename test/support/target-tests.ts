// The tests of every target type: rows of texts and parameters, and laws for all of them.

import test, { type ExecutionContext } from 'ava';
import type fc from 'fast-check';
import type { Messages, TargetKind, TrailingWords } from '../../src/dm/targets/words/kind.ts';
import type { SecretText } from '../../src/dm/text/secret-text.ts';
import { InputError, ReplyError } from '../../src/dm/wire/errors.ts';
import { proves } from './arbitraries/runs.ts';
import { revealed, targetLaws } from './arbitraries/target-properties.ts';

/** Rows of a target. A refusal is the beginning of the error message, which names the field. */
export interface TargetRows<P, S, R = P> {
  /** Texts and equivalent parameters. */
  readonly params?: readonly (readonly [text: string, params: P])[];
  /** Texts that are formatted differently after parsing: another order or case, or an optional count. */
  readonly read?: readonly (readonly [text: string, params: P])[];
  /** Texts of a newer kernel: they are parsed, but not formatted. */
  readonly newer?: readonly (readonly [text: string, params: R])[];
  /** Parameters that differ after formatting and parsing: defaults are added. */
  readonly written?: readonly (readonly [params: P, text: string])[];
  readonly noParams?: readonly (readonly [text: string, refusal: string])[];
  readonly notWritten?: readonly (readonly [params: P, refusal: string])[];
  readonly status?: readonly (readonly [text: string, status: S])[];
  readonly noStatus?: readonly (readonly [text: string, refusal: string])[];
  /** Messages, each with the expected text. */
  readonly messages?: readonly (readonly [message: () => string | SecretText, text: string])[];
  readonly notSent?: readonly (readonly [message: () => unknown, refusal: string])[];
}

function refuses(
  t: ExecutionContext,
  run: () => unknown,
  refusal: string,
  instanceOf: typeof InputError | typeof ReplyError = InputError,
): void {
  const error = t.throws(run, { instanceOf });
  t.is(error?.message.slice(0, refusal.length), refusal);
}

/** Declare a test for each row. */
export function testRows<P, S, M extends Messages, R>(
  kind: TargetKind<P, S, M, R>,
  rows: TargetRows<NoInfer<P> & TrailingWords, NoInfer<S>, NoInfer<R> & TrailingWords>,
): void {
  const { params = [], read = [], written = [], noParams = [], notWritten = [] } = rows;
  const { newer = [], status = [], noStatus = [], messages = [], notSent = [] } = rows;
  for (const [text, record] of params) {
    test(`parameters ${text}`, (t) => {
      t.is(kind.formatParams(record), text);
      t.deepEqual(revealed(kind.parseParams(text)), revealed(record));
      const placed = kind({ start: 8n, length: 8n, ...record });
      t.deepEqual(revealed(placed), { start: 8n, length: 8n, type: kind.type, params: text });
    });
  }
  for (const [text, record] of read) {
    test(`parsed ${text}`, (t) => {
      t.deepEqual(revealed(kind.parseParams(text)), revealed(record));
      t.deepEqual(revealed(kind.parseParams(kind.formatParams(record))), revealed(record));
    });
  }
  for (const [text, record] of newer) {
    test(`newer ${text}`, (t) => {
      t.deepEqual(revealed(kind.parseParams(text)), revealed(record));
      t.throws(() => kind.formatParams(record as unknown as P & TrailingWords), {
        instanceOf: InputError,
      });
    });
  }
  for (const [i, [record, text]] of written.entries()) {
    test(`formatted ${i}: ${text}`, (t) => t.is(kind.formatParams(record), text));
  }
  for (const [text, refusal] of noParams) {
    test(`invalid parameters ${JSON.stringify(text)}`, (t) =>
      refuses(t, () => kind.parseParams(text), refusal, ReplyError));
  }
  for (const [i, [record, refusal]] of notWritten.entries()) {
    test(`not formatted ${i}: ${refusal}`, (t) =>
      refuses(t, () => kind.formatParams(record), refusal));
  }
  for (const [text, record] of status) {
    test(`status ${JSON.stringify(text)}`, (t) => t.deepEqual(kind.parseStatus(text), record));
  }
  for (const [text, refusal] of noStatus) {
    test(`invalid status ${JSON.stringify(text)}`, (t) =>
      refuses(t, () => kind.parseStatus(text), refusal, ReplyError));
  }
  for (const [message, text] of messages)
    test(`message ${text}`, (t) => t.is(revealed(message()), text));
  for (const [i, [message, refusal]] of notSent.entries()) {
    test(`not sent ${i}: ${refusal}`, (t) => refuses(t, message, refusal));
  }
}

/** The laws: formatted parameters parse to the same values, and any text parses or throws a `ReplyError`. */
export function testLaws<P, S, M extends Messages, R>(
  kind: TargetKind<P, S, M, R>,
  anyParams: fc.Arbitrary<NoInfer<P> & TrailingWords>,
  statusTexts: readonly string[] = [],
): void {
  for (const law of targetLaws(kind, anyParams, statusTexts)) {
    test(law.name, (t) => proves(t, law, 250));
  }
}
