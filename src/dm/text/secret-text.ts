// Text for the kernel with keys in it. Keys never become part of a string, which cannot be wiped: they
// stay in their own bytes until they are written into the request, which is wiped.

import { inspect } from 'node:util';
import { toKernel } from '../wire/text.ts';
import type { SecretKey } from './secret-key.ts';

/** The placeholder of a key in a text. Tables contain no control characters. */
export const KEY_MARK = '\u{1}';

/** A text in which each `KEY_MARK` stands for the next of `keys`. Printing shows zeros for keys. */
export class SecretText {
  /** The text with its marks. */
  readonly marked: string;
  readonly keys: readonly SecretKey[];

  constructor(marked: string, keys: readonly SecretKey[]) {
    this.marked = marked;
    this.keys = keys;
  }

  #filled(word: (key: SecretKey) => string): string {
    let next = 0;
    return this.marked.replaceAll(KEY_MARK, () => word(this.keys[next++]!));
  }

  /** The text with **the keys themselves**. Intended for tests. */
  reveal(): string {
    return this.#filled((key) => key.reveal());
  }

  /** The text, with zeros for keys. */
  toString(): string {
    return this.#filled((key) => '0'.repeat(key.size * 2));
  }

  /** The same as `toString`. */
  toJSON(): string {
    return this.toString();
  }
}
Object.defineProperty(SecretText.prototype, inspect.custom, {
  value(this: SecretText): string {
    return inspect(this.toString());
  },
});

/**
 * Encodes text for the kernel without splitting its words. The kernel splits at Latin-1 blanks: the byte 0xa0 in "à"
 * would end a word, so a backslash escapes it (`dm_split_args`). The byte never begins a character, so no backslash of
 * the text can precede it.
 */
const toWords = (text: string): string => toKernel(text).replace(/\u00a0/g, '\\$&');

/**
 * A text in the kernel's bytes, one character per byte. In a `SecretText` each `KEY_MARK` still stands for a key, which
 * becomes bytes when it is written.
 */
export type EncodedText = string | SecretText;

/** Encodes parameters or a message for the kernel. */
export const encodeText = (text: string | SecretText): EncodedText =>
  typeof text === 'string' ? toWords(text) : new SecretText(toWords(text.marked), text.keys);

/** The number of bytes that `writeEncoded` writes. */
export const encodedLength = (text: EncodedText): number =>
  typeof text === 'string'
    ? text.length
    : text.keys.reduce((sum, key) => sum + key.size * 2 - KEY_MARK.length, text.marked.length);

/** Writes an encoded text into `target`, with keys as hexadecimal digits, and without a NUL. */
export function writeEncoded(text: EncodedText, target: Buffer, at: number): void {
  if (typeof text === 'string') {
    target.write(text, at, 'latin1');
    return;
  }
  let to = at;
  text.marked.split(KEY_MARK).forEach((piece, i) => {
    if (i > 0) to += text.keys[i - 1]!.writeHex(target, to);
    to += target.write(piece, to, 'latin1');
  });
}
