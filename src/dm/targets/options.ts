// The optional words of a target as a table: which word stands for which field, in the kernel's order. From
// one table come both directions, so that they cannot disagree.

import { isObject } from '../../ioctl/checks.ts';
import { InputError } from '../errors.ts';
import type { Words } from './words.ts';
import { extraWords, kept } from './write-words.ts';

/** The words of a group, from which an option takes its value. */
export interface OptionReader {
  /** The next word of the group. @throws ReplyError when the group ends here */
  readonly next: () => string;
  /** That word, left where it is. */
  readonly ahead: () => string | undefined;
  /** @throws ReplyError always */
  readonly refuse: (expected: string, received: string) => never;
}

/** How one field is written and read. */
export interface Option<T> {
  /** Its words. @throws InputError naming the field */
  readonly format: (value: T, field: string) => readonly string[];
  /** Its value if `word` begins it, `undefined` if it is some other option's. `before` is what it had so far. */
  readonly take: (word: string, reader: OptionReader, before: T | undefined) => T | undefined;
}

/** How a value stands in one word. */
export interface WordCodec<T> {
  /** @throws InputError */
  readonly format: (value: T, field: string) => string;
  /** `undefined` for a word that is none of this kind. */
  readonly parse: (word: string) => T | undefined;
  /** What is right, in words. */
  readonly expected: string;
  /** The field cannot hold another word: that of a newer kernel is kept in `extra`, and the option's word before it. */
  readonly closed?: boolean;
}

/** Words of a newer kernel, kept as they are. */
export interface ExtraWords {
  /** Words that this version has no name for; they are written back behind the others. @default [] */
  readonly extra?: readonly string[];
}

/** An option for every field but `extra`. */
export type OptionTable<P> = {
  readonly [K in Exclude<keyof P, 'extra'>]-?: Option<Exclude<P[K], undefined>>;
};

/** `allow_discards`: there or not. */
export const flag = (word: string): Option<boolean> => ({
  format: (value, field) => {
    if (typeof value === 'boolean') return value ? [word] : [];
    throw new InputError({ field, expected: 'a boolean', received: value });
  },
  take: (found) => (found === word ? true : undefined),
});

/** `ignore_corruption` or `restart_on_corruption`: a word for each value. */
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

/** `rebuild 0 rebuild 2`: a pair as often as there are values. */
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
    // Not a copy for each: `before` is what this function gave.
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

/** The options of a target in the kernel's order, both ways. `Read`: as a table reads back, with a newer kernel's words. */
export class OptionSet<P extends ExtraWords, Read = P> {
  readonly #target: string;
  readonly #options: readonly (readonly [keyof P & string, Option<unknown>])[];
  readonly #normal: (word: string) => string;

  /** `normal` brings a word into the form it is compared in. @default as it is */
  constructor(
    target: string,
    table: OptionTable<P>,
    normal: (word: string) => string = (word) => word,
  ) {
    this.#target = target;
    this.#options = Object.entries(table) as [keyof P & string, Option<unknown>][];
    this.#normal = normal;
  }

  /** The words of the fields that are set, then the extra ones. @throws InputError naming the field */
  format(params: P): readonly string[] {
    isObject(params, this.#target);
    const words = this.#options.flatMap(([field, option]) => {
      const value: unknown = params[field];
      return value === undefined ? [] : option.format(value, `${this.#target}.${field}`);
    });
    return [...words, ...extraWords(params.extra, `${this.#target}.extra`)];
  }

  /** The options of a group. @throws ReplyError naming the option whose value is missing or wrong */
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

/** What stands before the colon: what stands behind it may be a key. */
const optionName = (word: string): string => word.replace(/:.*/s, '');

/** Words in any case are the same to the kernel. */
export const lowerCase = (word: string): string => word.toLowerCase();
