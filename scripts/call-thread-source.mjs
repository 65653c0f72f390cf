// Writes src/ioctl/thread/call-thread-source.ts: the program of a call thread (src/ioctl/thread/call-thread.ts and its imports) as a
// string. A thread that starts from a string needs no file, so a program in a single bundled file can start one. This
// script runs before the compiler, so it is not TypeScript.

import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: ['src/ioctl/thread/call-thread.ts'],
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
  'src/ioctl/thread/call-thread-source.ts',
  `// Written by scripts/call-thread-source.mjs.

/** The program of a call thread, for a worker that evaluates it. */
export const CALL_THREAD_SOURCE: string = ${JSON.stringify(outputFiles[0].text)};
`,
);
