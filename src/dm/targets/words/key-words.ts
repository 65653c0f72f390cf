// Keys as words of a table. Errors about a text with keys show no words of it.

import { isObject } from '../../../ioctl/input/checks.ts';
import { checkKey, SecretKey } from '../../text/secret-key.ts';
import { KEY_MARK, SecretText } from '../../text/secret-text.ts';
import { InputError, ReplyError } from '../../wire/errors.ts';
import { matchingWord } from './checked-words.ts';
import type { WordCodec } from './options.ts';
import type { Words } from './words.ts';

const RECEIVED = ', got ';
const HARMLESS = /^(-?\d{1,20}n?|true|false|null|undefined|NaN)$/;

/**
 * `conceal` of a target with keys: runs a parser or a formatter. Any word or field may contain a key by mistake, so its
 * errors show a received value only if that is a number or a constant.
 */
export function concealing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InputError || error instanceof ReplyError)) throw error;
    const { message } = error;
    const at = message.indexOf(RECEIVED);
    if (at === -1 || HARMLESS.test(message.slice(at + RECEIVED.length))) throw error;
    if (error instanceof ReplyError) throw new ReplyError(message.slice(0, at));
    const { field } = error;
    throw new InputError({ field, expected: message.slice(`${field}: expected `.length, at) });
  }
}

/** Whether an unknown word may contain a key: it has many hexadecimal digits and is not a decimal number. */
export const mayBeKey = (word: string): boolean =>
  /[0-9a-f]{16}/i.test(word) && !/^([a-z_]+:)?\d{1,20}$/i.test(word);

/** A text for the kernel: a string if it has no key. @throws InputError for a key mark in another word */
export function secretText(
  words: readonly (string | number)[],
  keys: readonly SecretKey[],
): string | SecretText {
  const marked = words.join(' ');
  const bytes = keys.filter(isBytes);
  if (marked.split(KEY_MARK).length - 1 !== bytes.length) {
    throw new InputError({ field: 'params', expected: 'words without control characters' });
  }
  return bytes.length === 0 ? marked : new SecretText(marked, bytes);
}

/** Whether the bytes of a key go into the text, and not only its name. */
const isBytes = (key: SecretKey): boolean => key.keyring === undefined && key.size > 0;

/** The word of a key: a mark for its bytes, or the name of a key in a keyring. @throws InputError naming the field */
export const keyWord = (key: SecretKey, field: string): string =>
  isBytes(checkKey(key, field)) ? KEY_MARK : key.reveal();

/** Parses a word as a key; `undefined` if it is not one. */
function parseKey(word: string): SecretKey | undefined {
  try {
    return SecretKey.fromWord(word);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Reads the next word as a key. @throws ReplyError */
export const takeKey = (words: Words): SecretKey =>
  parseKey(words.word('key')) ??
  words.refuse('key', 'hexadecimal digits, "-" or :SIZE:TYPE:DESCRIPTION', '');

/** An algorithm of the kernel's crypto API, with its key, if any. */
export interface KeyedAlgorithm {
  /** `'crc32c'`, `'hmac(sha256)'` */
  readonly algorithm: string;
  /** The bytes of the key; keyrings are not supported. @default no key */
  readonly key?: SecretKey;
}

/** `sha256`, or `hmac(sha256):KEY`. */
export const keyedAlgorithm: WordCodec<KeyedAlgorithm> = {
  format: (value, field) => {
    isObject(value, field);
    const { algorithm, key } = value;
    const expectedName = 'a name without ":" and blanks';
    const name = matchingWord(algorithm, `${field}.algorithm`, /^[^:\s]+$/, expectedName);
    if (key === undefined) return name;
    const word = keyWord(key, `${field}.key`);
    if (word === KEY_MARK) return `${name}:${word}`;
    const expected =
      'the bytes of a key (at least 1), because the kernel does not search keyrings here';
    throw new InputError({ field: `${field}.key`, expected });
  },
  parse: (text) => {
    const [algorithm = '', hex, ...more] = text.split(':');
    if (algorithm === '' || more.length > 0) return undefined;
    if (hex === undefined) return { algorithm };
    const key = hex === '-' ? undefined : parseKey(hex);
    return key && { algorithm, key };
  },
  expected: 'ALGORITHM or ALGORITHM:KEY',
};
