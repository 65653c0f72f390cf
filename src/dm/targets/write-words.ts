// Writing a target's words: numbers within bounds, and what nobody had a name for.

import { InputError } from '../errors.ts';
import { plainWord } from './checked-words.ts';
import { u64Word } from './words.ts';

/** What the kernel's `unsigned int` holds. */
export const U32_MAX: number = 2 ** 32 - 1;

/** Words that were kept because nobody knew them. @throws InputError for what is not one word each */
export function extraWords(extra: readonly string[] | undefined, field: string): readonly string[] {
  const words: unknown = extra ?? [];
  if (Array.isArray(words)) {
    return Array.from(words, (word: unknown, i) => plainWord(word, `${field}[${i}]`));
  }
  throw new InputError({ field, expected: 'an array of words', received: extra });
}

/** A count of words, and the words. */
export const groupWords = (words: readonly string[]): readonly string[] => [
  String(words.length),
  ...words,
];

/** The same at the end of a text, where nothing means no words; it must be said where something follows. */
export const lastGroupWords = (
  words: readonly string[],
  { trailing }: { readonly trailing?: readonly string[] },
): readonly string[] => (words.length === 0 && !trailing?.length ? [] : groupWords(words));

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

/** A record's `extra`, left out where there is none. */
export const kept = (extra: readonly string[]): { readonly extra?: readonly string[] } =>
  extra.length === 0 ? {} : { extra };
