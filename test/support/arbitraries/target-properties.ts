// Properties of the texts of every target. The tests run them for seconds, fuzz/ runs them without end.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Messages, TargetKind, TrailingWords } from '../../../src/dm/targets/words/kind.ts';
import { SecretKey } from '../../../src/dm/text/secret-key.ts';
import { SecretText } from '../../../src/dm/text/secret-text.ts';
import { ReplyError } from '../../../src/dm/wire/errors.ts';
import { type Law, law } from './runs.ts';
import { unicodeText } from './values.ts';

/** Parameters with their keys revealed, because a comparison does not see the difference between two keys. */
export function revealed(value: unknown): unknown {
  if (value instanceof SecretKey) return { key: value.reveal() };
  if (value instanceof SecretText) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, revealed(part)]));
}

/** Words of a valid text, some of them omitted, doubled or replaced. */
const damaged = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> => {
  const odd = fc.constantFrom(
    '-',
    '',
    '0',
    '1',
    '99999999999999999999',
    '-1',
    ':',
    '1/2',
    '/x',
    'A',
  );
  return fc.tuple(texts, fc.infiniteStream(fc.nat(9)), odd).map(([text, dice, other]) =>
    text
      .split(' ')
      .flatMap((word) => {
        const face = dice.next().value;
        return face === 0 ? [] : face === 1 ? [word, word] : face === 2 ? [other] : [word];
      })
      .join(' '),
  );
};

/** The laws of one target: formatted parameters parse to the same values, and any text parses or throws a `ReplyError`. */
export function targetLaws<P, S, M extends Messages, R>(
  kind: TargetKind<P, S, M, R>,
  anyParams: fc.Arbitrary<NoInfer<P> & TrailingWords>,
  statusTexts: readonly string[] = [],
): readonly Law[] {
  const texts = fc.oneof(
    unicodeText(60),
    damaged(anyParams.map((params) => kind.formatParams(params))),
    ...(statusTexts.length > 0 ? [damaged(fc.constantFrom(...statusTexts))] : []),
  );
  return [
    law(
      `${kind.type}: formatted parameters parse to the same values`,
      fc.property(anyParams, (params) => {
        // Not t.deepEqual: ava shows its first failure instead of the smallest case.
        assert.deepEqual(revealed(kind.parseParams(kind.formatParams(params))), revealed(params));
      }),
    ),
    law(
      `${kind.type}: any text is parsed or rejected with a ReplyError`,
      fc.property(texts, (text) => {
        for (const parse of [kind.parseParams, kind.parseStatus]) {
          try {
            parse(text);
          } catch (error) {
            if (!(error instanceof ReplyError)) throw error;
          }
        }
      }),
    ),
  ];
}
