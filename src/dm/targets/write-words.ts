// Writing a target's words: options that may be left out, numbers within bounds.

import { InputError } from '../errors.ts';
import type { Sectors } from '../table.ts';
import { u64Word } from './words.ts';

/** What `%u` and `kstrtouint` hold. */
export const U32_MAX = 2 ** 32 - 1;

/** The word of an option that is set, or nothing. */
export const flagWords = (set: boolean | undefined, word: string): readonly string[] =>
  set ? [word] : [];

/** The words of an option with a value, or nothing where it is left out. */
export const valueWords = <T>(
  value: T | undefined,
  word: string,
  write: (value: T) => string,
): readonly string[] => (value === undefined ? [] : [word, write(value)]);

/** Words that were kept because nobody knew them. @throws InputError for what is not one word each */
export function extraWords(
  extra: readonly string[] | undefined,
  field: string,
): readonly string[] {
  const odd = extra?.find((word) => typeof word !== 'string' || !/^[^\s\0]+$/.test(word));
  if (odd !== undefined) {
    throw new InputError({ field, expected: 'words without blanks and NUL', received: odd });
  }
  return extra ?? [];
}

/** A count of words, and the words. */
export const groupWords = (words: readonly string[]): readonly string[] => [
  String(words.length),
  ...words,
];

/** A number of 64 bits within bounds, decimal. @throws InputError */
export function boundedWord(
  value: bigint | number,
  field: string,
  min: bigint | number,
  max: bigint | number,
): string {
  const word = u64Word(value, field);
  if (value < min || value > max) {
    throw new InputError({ field, expected: `from ${min} to ${max}`, received: value });
  }
  return word;
}

/** A power of two within bounds, decimal. @throws InputError */
export function powerOfTwoWord(
  value: Sectors,
  field: string,
  min: bigint | number,
  max: bigint | number,
): string {
  const word = u64Word(value, field);
  const n = BigInt(value);
  if (n < min || n > max || (n & (n - 1n)) !== 0n) {
    const expected = `a power of two from ${min} to ${max}`;
    throw new InputError({ field, expected, received: value });
  }
  return word;
}

/** A record's `extra`, left out where there is none. */
export const kept = (extra: readonly string[]): { readonly extra?: readonly string[] } =>
  extra.length === 0 ? {} : { extra };
