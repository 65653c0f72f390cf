// The optional words of a target as a table of words and fields, in the kernel's order. Formatting and parsing use the
// same table, so they always agree.

import { isObject } from '../../../ioctl/input/checks.ts';
import { InputError } from '../../wire/errors.ts';
import type { Words } from './words.ts';
import { extraWords, kept } from './write-words.ts';

/** The words of a group, from which an option reads its value. */
export interface OptionReader {
  /** Takes the next word of the group. @throws ReplyError at the end of the group */
  readonly next: () => string;
  /** The next word, which is not taken. */
  readonly ahead: () => string | undefined;
  /** @throws ReplyError always */
  readonly refuse: (expected: string, received: string) => never;
}

/** Formats and parses one field. */
export interface Option<T> {
  /** The words of a value. @throws InputError naming the field */
  readonly format: (value: T, field: string) => readonly string[];
  /** The value, if `word` starts this option; otherwise `undefined`. `before` is the value read so far. */
  readonly take: (word: string, reader: OptionReader, before: T | undefined) => T | undefined;
}

/** Formats and parses a value that is one word. */
export interface WordCodec<T> {
  /** @throws InputError */
  readonly format: (value: T, field: string) => string;
  /** Parses a word; `undefined` if it is not valid. */
  readonly parse: (word: string) => T | undefined;
  /** Description of a valid word. */
  readonly expected: string;
  /** The field cannot represent unknown words. They go to `extra`, together with the word of the option. */
  readonly closed?: boolean;
}

/** Unknown words of a newer kernel. */
export interface ExtraWords {
  /** Words that this version does not know. They are written after the others. @default [] */
  readonly extra?: readonly string[];
}

/** One option for every field except `extra`. */
export type OptionTable<P> = {
  readonly [K in Exclude<keyof P, 'extra'>]-?: Option<Exclude<P[K], undefined>>;
};

/** `allow_discards`: present or absent. */
export const flag = (word: string): Option<boolean> => ({
  format: (value, field) => {
    if (typeof value === 'boolean') return value ? [word] : [];
    throw new InputError({ field, expected: 'a boolean', received: value });
  },
  take: (found) => (found === word ? true : undefined),
});

/** `ignore_corruption` or `restart_on_corruption`: one word for each value. */
export const wordFor = <T extends string>(words: Readonly<Record<T, string>>): Option<T> => ({
  format: (value, field) => {
    if (Object.hasOwn(words, value)) return [words[value]];
    throw new InputError({ field, expected: Object.keys(words).join(' or '), received: value });
  },
  take: (found) => (Object.keys(words) as T[]).find((value) => words[value] === found),
});

const parsed = <T>(codec: WordCodec<T>, word: string, reader: OptionReader): T => {
  const value = codec.parse(word);
  return value === undefined ? reader.refuse(codec.expected, word) : value;
};

/** `fec_roots 2`: two words. */
export const pair = <T>(word: string, codec: WordCodec<T>): Option<T> => ({
  format: (value, field) => [word, codec.format(value, field)],
  take: (found, reader) => {
    const ahead = reader.ahead();
    const isOther = codec.closed && ahead !== undefined && codec.parse(ahead) === undefined;
    return found === word && !isOther ? parsed(codec, reader.next(), reader) : undefined;
  },
});

/** `rebuild 0 rebuild 2`: one pair for each value. */
export const pairs = <T>(word: string, codec: WordCodec<T>): Option<readonly T[]> => ({
  format: (values, field) => {
    if (!Array.isArray(values)) {
      throw new InputError({ field, expected: 'an array', received: values });
    }
    return values.flatMap((value, i) => [word, codec.format(value, `${field}[${i}]`)]);
  },
  take: (found, reader, before) => {
    if (found !== word) return undefined;
    const value = parsed(codec, reader.next(), reader);
    // `before` is an array of this function, so it can be extended without a copy.
    if (before === undefined) return [value];
    (before as T[]).push(value);
    return before;
  },
});

/** `sector_size:4096`: one word. */
export const colon = <T>(word: string, codec: WordCodec<T>): Option<T> => ({
  format: (value, field) => [`${word}:${codec.format(value, field)}`],
  take: (found, reader) =>
    found.startsWith(`${word}:`) ? parsed(codec, found.slice(word.length + 1), reader) : undefined,
});

/** The options of a target in the kernel's order. `Read` is the parsed type, with words of a newer kernel. */
export class OptionSet<P extends ExtraWords, Read = P> {
  readonly #target: string;
  readonly #options: readonly (readonly [keyof P & string, Option<unknown>])[];
  readonly #normal: (word: string) => string;

  /** `normal` normalizes a word before it is compared. @default unchanged */
  constructor(
    target: string,
    table: OptionTable<P>,
    normal: (word: string) => string = (word) => word,
  ) {
    this.#target = target;
    this.#options = Object.entries(table) as [keyof P & string, Option<unknown>][];
    this.#normal = normal;
  }

  /** Formats the fields that are set, then the extra words. @throws InputError naming the field */
  format(params: P): readonly string[] {
    isObject(params, this.#target);
    const words = this.#options.flatMap(([field, option]) => {
      const value: unknown = params[field];
      return value === undefined ? [] : option.format(value, `${this.#target}.${field}`);
    });
    return [...words, ...extraWords(params.extra, `${this.#target}.extra`)];
  }

  /** Parses the options of a group. @throws ReplyError naming the option with a missing or invalid value */
  parse(group: Words): Partial<Read> {
    const values = new Map<string, unknown>();
    const extra: string[] = [];
    while (group.more) {
      const word = group.word('option');
      const known = this.#take(word, values, {
        next: () => group.word(word),
        ahead: () => group.next,
        refuse: (expected, received) => group.refuse(optionName(word), expected, received),
      });
      if (!known) extra.push(word);
    }
    return { ...Object.fromEntries(values), ...kept(extra) } as Partial<Read>;
  }

  #take(word: string, values: Map<string, unknown>, reader: OptionReader): boolean {
    for (const [field, option] of this.#options) {
      const value = option.take(this.#normal(word), reader, values.get(field));
      if (value === undefined) continue;
      values.set(field, value);
      return true;
    }
    return false;
  }
}

/** The part before the colon. The part after it may be a key. */
const optionName = (word: string): string => word.replace(/:.*/s, '');

/** For words that the kernel compares case-insensitively. */
export const lowerCase = (word: string): string => word.toLowerCase();
