// Formats a target's words: numbers within bounds, groups, and unknown words.

import { InputError } from '../../wire/errors.ts';
import { plainWord } from './checked-words.ts';
import { u64Word } from './words.ts';

/** Maximum of the kernel's `unsigned int`. */
export const U32_MAX: number = 2 ** 32 - 1;

/** Checks unknown words that were kept. @throws InputError unless each is one word */
export function extraWords(extra: readonly string[] | undefined, field: string): readonly string[] {
  const words: unknown = extra ?? [];
  if (Array.isArray(words)) {
    return Array.from(words, (word: unknown, i) => plainWord(word, `${field}[${i}]`));
  }
  throw new InputError({ field, expected: 'an array of words', received: extra });
}

/** The number of words, and the words. */
export const groupWords = (words: readonly string[]): readonly string[] => [
  String(words.length),
  ...words,
];

/** Like `groupWords`, for the end of a text: an empty group is omitted unless trailing words follow. */
export const lastGroupWords = (
  words: readonly string[],
  { trailing }: { readonly trailing?: readonly string[] },
): readonly string[] => (words.length === 0 && !trailing?.length ? [] : groupWords(words));

/** Formats a 64-bit number within bounds in decimal. @throws InputError */
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

/** Formats a power of two within bounds in decimal. @throws InputError */
export function powerOfTwoWord(
  value: bigint | number,
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

/** The field `extra`, omitted if it is empty. */
export const kept = (extra: readonly string[]): { readonly extra?: readonly string[] } =>
  extra.length === 0 ? {} : { extra };
