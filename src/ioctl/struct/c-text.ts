/**
 * A NUL-terminated C string in memory of its own, which can be lent to another thread.
 * @throws RangeError for bytes that contain NUL: C would read a shorter string
 */
export function cText(bytes: Uint8Array): Buffer {
  if (bytes.includes(0)) {
    const text = JSON.stringify(Buffer.from(bytes).toString());
    throw new RangeError(`invalid C string: expected bytes without NUL, got ${text}`);
  }
  const text = Buffer.alloc(bytes.length + 1);
  text.set(bytes);
  return text;
}
