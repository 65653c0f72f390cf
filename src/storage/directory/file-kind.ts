// The kind of a file in words, for errors.

import type { Stats } from 'node:fs';

const KINDS = [
  ['isFile', 'a file'],
  ['isDirectory', 'a directory'],
  ['isSymbolicLink', 'a symbolic link'],
  ['isFIFO', 'a fifo'],
  ['isSocket', 'a socket'],
  ['isCharacterDevice', 'a character device'],
  ['isBlockDevice', 'a block device'],
] as const;

/** The kind of a file: `'a fifo'`. */
export const kindOf = (found: Stats): string =>
  KINDS.find(([is]) => found[is]())?.[1] ?? 'another kind of file';
