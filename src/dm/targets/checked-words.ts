// Writing a target's text: values that are checked, so that each stays the one word it should be.

import { InputError } from '../errors.ts';
import type { Sectors } from '../table.ts';
import { u64Word } from './words.ts';

const WORD = /^[!-~\u00a1-\u{10ffff}]+$/u;

/** What an error may show of a value that may be a key: its kind. */
const shownOf = (value: unknown, secret: boolean): { readonly received?: unknown } => {
  if (!secret || value === undefined || value === null) return { received: value };
  return typeof value === 'object' || typeof value === 'string' ? {} : { received: value };
};

/** A word that matches. A `secret` one is not shown when it does not. @throws InputError */
export function matchingWord(
  value: unknown,
  field: string,
  pattern: RegExp,
  expected: string,
  secret = false,
): string {
  if (typeof value !== 'string' || !pattern.test(value) || !WORD.test(value)) {
    throw new InputError({ field, expected, ...shownOf(value, secret) });
  }
  return value;
}

/** Any text that is one word. @throws InputError */
export const plainWord = (value: unknown, field: string, secret = false): string =>
  matchingWord(value, field, WORD, 'one word without blanks', secret);

/** A device word of a target that has keys: one that is given by mistake is not shown. @throws InputError */
export const unshownDeviceWord = (value: unknown, field: string): string =>
  matchingWord(
    value,
    field,
    /^(\d+:\d+|\/\S+)$/,
    'a path that begins with "/" and has no blanks, or MAJOR:MINOR',
    true,
  );

/** One of some words. @throws InputError */
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

/** A number of sectors or bytes that is a power of two within bounds. @throws InputError */
export function powerWord(
  value: Sectors,
  field: string,
  min: number,
  max: bigint | number,
): string {
  const word = u64Word(value, field);
  const number = BigInt(word);
  if (number < min || number > max || (number & (number - 1n)) !== 0n) {
    throw new InputError({
      field,
      expected: `a power of two from ${min} to ${max}`,
      received: value,
    });
  }
  return word;
}

/** Hexadecimal digits, two a byte. @throws InputError */
export const hexWord = (value: unknown, field: string): string =>
  matchingWord(value, field, /^([0-9a-f]{2})+$/i, 'hexadecimal digits, two a byte').toLowerCase();
