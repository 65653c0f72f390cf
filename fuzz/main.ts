// `npm run fuzz -- --minutes N --seed S`: every fuzzer that needs no device mapper, in sequence.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUNS = ['codecs', 'replies', 'targets', 'libdevmapper'];

for (const name of RUNS) {
  console.log(`== ${name}`);
  const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
