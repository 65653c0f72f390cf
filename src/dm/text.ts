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
