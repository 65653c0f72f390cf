// Writes the JavaScript of the package: a file for each entry of package.json's exports, with shared chunks, and one file for
// the command. Node loads a few files several times faster than two hundred modules. The compiler writes the types.

import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The source of a file in dist. */
const sourceOf = (file) => file.replace(/^(\.\/)?dist\//, 'src/').replace(/\.js$/, '.ts');

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  outbase: 'src',
  outdir: 'dist',
  // The package contains src.
  sourcemap: true,
  sourcesContent: false,
};

await build({
  ...common,
  entryPoints: Object.values(manifest.exports)
    .filter((target) => typeof target === 'object')
    .map((target) => sourceOf(target.default)),
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
await build({ ...common, entryPoints: Object.values(manifest.bin).map(sourceOf) });
