// An esbuild plugin that merges chunks.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * esbuild writes a chunk for each set of entries that share a file; a dynamic import is an entry. With this plugin the modules
 * of a group share their files with each other, and load everything that is `below` them. So a group has one chunk of its own.
 * It adds imports, which have no effect except for that: esbuild reports that it ignores them, but counts their files.
 */
export function together(groups) {
  const imports = new Map();
  for (const { modules, below } of groups) {
    const all = [...below, ...modules].map((file) => resolve(file));
    for (const file of modules.map((name) => resolve(name))) {
      imports.set(
        file,
        all.filter((other) => other !== file),
      );
    }
  }
  return {
    name: 'together',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const added = imports.get(path)?.map((file) => `import '${file}';\n`);
        if (added === undefined) return undefined;
        return { contents: added.join('') + readFileSync(path, 'utf8'), loader: 'ts' };
      });
    },
  };
}
