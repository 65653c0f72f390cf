// Writes src/ioctl/call-thread-source.ts: the program of a call thread, src/ioctl/call-thread.ts with all it imports, as
// one text. A thread that starts from a text needs no file of its own, so a program that a bundler has made one file of
// can start one. Runs before the compiler, which is why it is not TypeScript itself.

import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: ['src/ioctl/call-thread.ts'],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // A text has no place of its own: koffi is resolved from where the main thread resolves it.
  define: { __filename: 'undefined', 'import.meta.url': 'here' },
  banner: { js: "const { here } = require('node:worker_threads').workerData;" },
});

writeFileSync(
  'src/ioctl/call-thread-source.ts',
  `// Written by scripts/call-thread-source.mjs.

/** The program of a call thread, for a worker that evaluates it. */
export const CALL_THREAD_SOURCE: string = ${JSON.stringify(outputFiles[0].text)};
`,
);
