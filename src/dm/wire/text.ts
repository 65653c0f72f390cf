// Kernel strings are bytes, held as one character per byte (latin1). Callers' strings are UTF-8. Invalid bytes
// become \xHH as in mangled names, never U+FFFD.

import { isText } from '../../ioctl/input/checks.ts';

// A byte order mark is ordinary text.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII needs no conversion, and most texts are
const ASCII = /^[\x00-\x7f]*$/;

/** Converts text for the kernel: one character per UTF-8 byte. */
export function toKernel(text: string): string {
  isText(text, 'text');
  if (ASCII.test(text)) return text;
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Converts text from the kernel to a readable string. */
export function fromKernel(text: string): string {
  isText(text, 'text');
  if (ASCII.test(text)) return text;
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}

/** The number of digits that a `number` holds exactly. */
const EXACT_DIGITS = 15;

/** Converts decimal digits. For a short text, `Number` and then `BigInt` is faster than `BigInt` alone. */
export const fromDigits = (digits: string): bigint =>
  BigInt(digits.length <= EXACT_DIGITS ? Number(digits) : digits);

/** The blanks of C's `isspace`. A path may hold Unicode's other blanks. */
const BLANKS = ' \t\n\v\f\r';

/**
 * Strips the blanks of C from both ends. A regular expression such as `/[ \t]+$/` would restart at each blank
 * inside the text, and take quadratic time.
 */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.includes(text[start]!)) start++;
  while (end > start && BLANKS.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}
