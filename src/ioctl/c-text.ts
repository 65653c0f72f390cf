/**
 * Bytes as C wants a text: ended by NUL, in memory of their own, which may be lent to another thread.
 * @throws RangeError for bytes that hold a NUL: C would read up to it, and so another text
 */
export function cText(bytes: Uint8Array): Buffer {
  if (bytes.includes(0)) {
    const text = JSON.stringify(Buffer.from(bytes).toString());
    throw new RangeError(`expected a text without NUL, got ${text}`);
  }
  const text = Buffer.alloc(bytes.length + 1);
  text.set(bytes);
  return text;
}
