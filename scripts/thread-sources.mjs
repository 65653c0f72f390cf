// Writes the programs of helper threads, such as src/ioctl/thread/call-thread.ts and its imports, as strings. A thread that starts
// from a string needs no file, so a program in a single bundled file can start one. This script runs before the compiler, so it is
// not TypeScript.

import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const PROGRAMS = {
  CALL_THREAD_SOURCE: 'src/ioctl/thread/call-thread',
  DIFF_THREAD_SOURCE: 'src/storage/diff/thread/diff-thread',
};

for (const [name, program] of Object.entries(PROGRAMS)) {
  const { outputFiles } = await build({
    entryPoints: [`${program}.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // A string has no location: koffi is resolved from the location that the main thread uses.
    define: { __filename: 'undefined', 'import.meta.url': 'here' },
    banner: { js: "const { here } = require('node:worker_threads').workerData;" },
  });
  writeFileSync(
    `${program}-source.ts`,
    `// Written by scripts/thread-sources.mjs.

/** The program of a helper thread, for a worker that evaluates it. */
export const ${name}: string = ${JSON.stringify(outputFiles[0].text)};
`,
  );
}
