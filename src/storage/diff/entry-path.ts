// Where in a layer a tar's entry belongs. What symbolic links make of it is the kernel's part: see layer.ts.

import { DiffError } from './errors.ts';

/** The longest path that the kernel takes, with the NUL that ends it. Source: <linux/limits.h> */
const PATH_MAX = 4096;

/**
 * A path inside a layer out of a tar, without `.`, `..` and slashes that say nothing; empty for the top. A slash in front
 * means the top of the layer. `entry` is for the error.
 * @throws DiffError for a path that leads out of the layer
 */
export function insideLayer(path: string, entry: string): string {
  const refuse = (problem: string): never => {
    throw new DiffError({ code: 'ERR_DIFF_ENTRY', entry, problem });
  };
  if (path === '') refuse('an empty path');
  if (path.length >= PATH_MAX) refuse(`a path of ${path.length} bytes`);
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..' && names.pop() === undefined) {
      refuse(`${JSON.stringify(path)} leads out of the layer`);
    }
    if (name !== '' && name !== '.' && name !== '..') names.push(name);
  }
  return names.join('/');
}
