// Paths of Linux are bytes. In this folder a path is a string with one byte per character (latin1), so that every name
// is kept, equal strings have equal bytes, and sorting is by bytes.

/** The bytes of a path. */
export const toBytes = (path: string): Buffer => Buffer.from(path, 'latin1');

/** A path as text. U+FFFD replaces bytes that are not UTF-8. */
export const toText = (path: string): string => toBytes(path).toString();

/** The parent directory: `/a` for `/a/b`, and the top, the empty string, for `/a` and `a`. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The name in the directory: `b` for `/a/b`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
