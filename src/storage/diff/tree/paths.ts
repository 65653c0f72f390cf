// Paths inside a layer: as bytes, from the name of a tar's entry, and whiteouts. The kernel resolves symbolic links in
// them: see layer.ts.

import { DiffError } from './errors.ts';

/** The bytes of a path. */
export const toBytes = (path: string): Buffer => Buffer.from(path, 'latin1');

/** A path as text. U+FFFD replaces bytes that are not UTF-8. */
export const toText = (path: string): string => toBytes(path).toString();

/** The parent directory: `/a` for `/a/b`, and the top, the empty string, for `/a` and `a`. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The name in the directory: `b` for `/a/b`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The prefix of the name of a deleted path. */
export const WHITEOUT = '.wh.';
/** The entry that deletes the whole content of its directory in the layer below. */
export const OPAQUE = '.wh..wh..opq';
/** The prefix of AUFS's own files at the top. */
export const AUFS_OWN = '.wh..wh.';

/** The kernel's limit of a path, including the NUL. Source: <linux/limits.h> */
const PATH_MAX = 4096;

/**
 * Normalises a path from a tar: without `.`, `..` and superfluous slashes; empty for the top. A leading slash means the
 * top of the layer. `entry` is the path for the error.
 * @throws DiffError for a path that leads out of the layer
 */
export function insideLayer(path: string, entry: string): string {
  const refuse = (problem: string): never => {
    throw new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem });
  };
  if (path === '') refuse('invalid path: it is empty');
  if (path.length >= PATH_MAX)
    refuse(`invalid path: expected at most ${PATH_MAX - 1} bytes, got ${path.length}`);
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..' && names.pop() === undefined) {
      refuse(`${JSON.stringify(path)} leads out of the layer`);
    }
    if (name !== '' && name !== '.' && name !== '..') names.push(name);
  }
  return names.join('/');
}
