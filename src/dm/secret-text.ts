// Text for the kernel with keys in it. The keys never become part of a string, which nobody could wipe: they
// stay in their own bytes until they are written into the request, which is wiped.

import { inspect } from 'node:util';
import type { SecretKey } from './secret-key.ts';
import { toKernel } from './text.ts';

/** Stands for a key in a text. The kernel's tables have no control characters. */
export const KEY_MARK = '\u{1}';

/** A text in which each `KEY_MARK` stands for one of `keys`, in their order. Printed, keys are zeros. */
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

  /** **The keys themselves** among the text. For tests, and for whoever knows what that means. */
  reveal(): string {
    return this.#filled((key) => key.reveal());
  }

  toString(): string {
    return this.#filled((key) => '0'.repeat(key.size * 2));
  }

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
 * Text in the kernel's bytes, so that it has the words it seems to have. The kernel's blanks are those of
 * Latin-1: the byte 0xa0 that is part of "à" would end a word, but for the backslash that makes it a byte like
 * any other (`dm_split_args`). It never begins a character, so no backslash of the text can stand before it.
 */
const toWords = (text: string): string => toKernel(text).replaceAll('\u00a0', '\\\u00a0');

/** How many bytes `writeText` writes. */
export const textLength = (text: string | SecretText): number =>
  typeof text === 'string'
    ? toWords(text).length
    : toWords(text.marked).length +
      text.keys.reduce((sum, key) => sum + key.size * 2 - KEY_MARK.length, 0);

/** Write parameters or a message for the kernel into `target`, keys as hexadecimal digits. */
export function writeText(text: string | SecretText, target: Buffer, at: number): void {
  if (typeof text === 'string') {
    target.write(toWords(text), at, 'latin1');
    return;
  }
  let to = at;
  toWords(text.marked)
    .split(KEY_MARK)
    .forEach((piece, i) => {
      if (i > 0) to += text.keys[i - 1]!.writeHex(target, to);
      to += target.write(piece, to, 'latin1');
    });
}
