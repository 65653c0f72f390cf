// What `dmts version` costs beside `node -e 0`: medians of runs in turn, so that both see the same machine.
// `npm run bench:startup -- --runs 10`

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** 6: this kernel has no device mapper. All but one ioctl is done by then. */
const STATUSES: readonly (number | null)[] = [0, 6];

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } });
const runs = Number(values.runs);

function milliseconds(args: readonly string[]): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (!STATUSES.includes(status)) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[runs >> 1]!;

const bare: number[] = [];
const version: number[] = [];
for (let i = 0; i < runs; i++) {
  bare.push(milliseconds(['-e', '0']));
  version.push(milliseconds([CLI, 'version']));
}
const ratio = median(version) / median(bare);
console.log(
  `node -e 0: ${median(bare).toFixed(1)} ms, dmts version: ${median(version).toFixed(1)} ms, ratio ${ratio.toFixed(2)} (medians of ${runs})`,
);
