// Kernel strings are bytes, held here one character per byte (latin1). What people read and type is
// UTF-8; bytes that are none are shown as the \xHH that mangled names use, never as U+FFFD.

// A byte order mark is three bytes of the text like any others.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text for the kernel, one character per UTF-8 byte. */
export const toKernel = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Text from the kernel as people read it. */
export function fromKernel(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII needs no decoding, and most names are
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}

/** C's `isspace`. A path may hold any of Unicode's other blanks. */
const BLANKS = ' \t\n\v\f\r';

/**
 * The text without the blanks of C at its ends. A regular expression such as `/[ \t]+$/` would begin anew at each
 * blank inside the text: its time grows with the square of their number.
 */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.includes(text[start]!)) start++;
  while (end > start && BLANKS.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}
