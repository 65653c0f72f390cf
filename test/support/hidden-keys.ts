// The law of targets with keys: no error about a text or parameters shows a key.

import { inspect } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { Messages, TargetKind, TrailingWords } from '../../src/dm/targets/words/kind.ts';
import { SecretKey } from '../../src/dm/text/secret-key.ts';
import { InputError, ReplyError } from '../../src/dm/wire/errors.ts';
import { holds } from './arbitraries/runs.ts';

/** Number of digits of a key that identify it. */
const TELLING = 12;

/** The keys in parameters, in hexadecimal. */
function keysIn(value: unknown): readonly string[] {
  if (value instanceof SecretKey) return value.keyring ? [] : [value.reveal()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(keysIn);
}

/** Everything that code might print of an error. */
const printed = (error: unknown): string =>
  [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error)].join('\n');

/** Tests that errors of this target and printed parameters show no key. */
export function testKeysHidden<P, S, M extends Messages, R>(
  kind: TargetKind<P, S, M, R>,
  anyParams: fc.Arbitrary<NoInfer<P> & TrailingWords>,
): void {
  test('printed parameters and a printed target show no key', (t) => {
    const law = fc.property(anyParams, (params) => {
      const show = (_: string, value: unknown): unknown =>
        typeof value === 'bigint' ? String(value) : value;
      const printable = [params, kind({ length: 8, ...params })];
      const text = inspect(printable, { depth: 9 }) + JSON.stringify(printable, show);
      for (const key of keysIn(params)) t.false(key.length > 1 && text.includes(key));
    });
    holds(t, law, 200);
  });

  test('an error shows no key at any place of the text', (t) => {
    const law = fc.property(
      anyParams,
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      (params, from, to, swap) => {
        const words = kind.formatParams(params).split(' ');
        const [a, b] = [from % words.length, to % words.length];
        const moved = swap ? words.with(a, words[b]!).with(b, words[a]!) : words.toSpliced(a, 1);
        try {
          kind.parseParams(moved.join(' '));
        } catch (error) {
          if (!(error instanceof ReplyError)) throw error;
          const text = printed(error);
          for (const key of keysIn(params)) {
            t.false(key.length >= TELLING && text.includes(key.slice(0, TELLING)), text);
          }
        }
      },
    );
    holds(t, law);
  });

  test('an error shows no key that was given instead of another value', (t) => {
    const hex = '00112233445566778899aabbccddeeff';
    const law = fc.property(
      anyParams,
      fc.nat(),
      fc.constantFrom(hex, `${hex} `, `${hex}g`),
      (params, at, key) => {
        const fields = Object.keys(params as object);
        const wrong = { ...params, [fields[at % fields.length]!]: key };
        try {
          kind.formatParams(wrong as typeof params);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          t.false(printed(error).includes(hex), printed(error));
        }
      },
    );
    holds(t, law);
  });
}
