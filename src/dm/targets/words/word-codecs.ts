// Codecs for option values that are one word.

import { U64_MAX } from '../../../ioctl/struct/record.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord, plainWord } from './checked-words.ts';
import type { WordCodec } from './options.ts';
import { countWord, deviceWord, knownWord, u64Word } from './words.ts';

const DECIMAL = /^\d{1,20}$/;

/** An integer. Formatting checks the bounds, parsing does not. */
export const integer = (min: number, max: number): WordCodec<number> => ({
  format: (value, field) => countWord(value, field, min, max),
  parse: (word) => {
    // A newer kernel may have different bounds.
    const value = /^-?\d{1,16}$/.test(word) ? Number(word) : Number.NaN;
    // The addition makes 0 of -0.
    return Number.isSafeInteger(value) ? value + 0 : undefined;
  },
  expected: 'an integer',
});

/** An unsigned 64-bit number. */
export const u64: WordCodec<bigint | number> = {
  format: u64Word,
  parse: (word) => (DECIMAL.test(word) && BigInt(word) <= U64_MAX ? BigInt(word) : undefined),
  expected: 'an unsigned 64-bit decimal number',
};

/** One of the given words, parsed case-insensitively. Parsing keeps an unknown word, formatting rejects it. */
export const choice = <T extends string>(...choices: readonly T[]): WordCodec<T> => ({
  format: (value, field) => choiceWord(value, field, choices),
  // Parsed parameters declare this field as `Reported<T>`.
  parse: (word) => knownWord(word, choices) ?? (word as T),
  expected: 'a word',
});

/** `on` or `off`. */
export const onOff: WordCodec<boolean> = {
  format: (value, field) => {
    if (typeof value === 'boolean') return value ? 'on' : 'off';
    throw new InputError({ field, expected: 'a boolean', received: value });
  },
  parse: (word) => (word === 'on' ? true : word === 'off' ? false : undefined),
  expected: 'on or off',
  closed: true,
};

/** A device: a path, or `major:minor`. */
export const device: WordCodec<string> = {
  format: deviceWord,
  parse: (word) => word,
  expected: 'a device',
};

/** Any word. */
export const word: WordCodec<string> = {
  format: plainWord,
  parse: (text) => text,
  expected: 'a word',
};
