// Runs scripts/man/main.ts, which writes the man pages. The build has no compiled scripts yet, so esbuild compiles this one.

import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Inside the project, so that its dependencies are found.
const outfile = resolve('man/write.mjs');

await build({
  entryPoints: ['scripts/man/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  outfile,
});
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile);
}
