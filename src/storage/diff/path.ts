// Paths as Linux has them: bytes. In here a path is a text with one byte to a character (latin1), so that every
// name survives, two are equal when their bytes are, and sorting is by bytes.

/** The bytes of a path. */
export const toBytes = (path: string): Buffer => Buffer.from(path, 'latin1');

/** A path as people read it: U+FFFD where it is not UTF-8. */
export const toText = (path: string): string => toBytes(path).toString();

/** The directory of `/a/b` is `/a`, that of `/a` and of `a` is the top: empty. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** What `/a/b` is called in its directory: `b`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
