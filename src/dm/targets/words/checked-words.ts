// Checks the values of a target's text before they are written: each must be exactly one word.

import { InputError } from '../../wire/errors.ts';

const WORD = /^[!-~\u00a1-\u{10ffff}]+$/u;

/** A word that matches `pattern`. @throws InputError */
export function matchingWord(
  value: unknown,
  field: string,
  pattern: RegExp,
  expected: string,
): string {
  if (typeof value !== 'string' || !pattern.test(value) || !WORD.test(value)) {
    throw new InputError({ field, expected, received: value });
  }
  return value;
}

/** Any single word. @throws InputError */
export const plainWord = (value: unknown, field: string): string =>
  matchingWord(value, field, WORD, 'one word without blanks');

/** One of the given words. @throws InputError */
export function choiceWord<T extends string>(
  value: unknown,
  field: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new InputError({ field, expected: choices.join(' or '), received: value });
  }
  return found;
}

/** Hexadecimal digits, two per byte. @throws InputError */
export const hexWord = (value: unknown, field: string): string =>
  matchingWord(value, field, /^([0-9a-f]{2})+$/i, 'hexadecimal digits, two per byte').toLowerCase();
