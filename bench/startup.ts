// What imports and `dmts` cost beside `import('koffi')`, in CPU time: medians of runs in turn, so that all see the same machine.
// `npm run bench:startup -- --runs 10`

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = `${ROOT}dist/cli/main.cjs`;
/** Prints the CPU time of the process in microseconds on descriptor 3. */
const REPORT = `data:text/javascript,import { writeSync } from 'node:fs';
process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String(user + system)); });`;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } });
const runs = Number(values.runs);

const imported = (specifier: string): readonly string[] => [
  '--input-type=module',
  '-e',
  `await import('${specifier}')`,
];

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "import('koffi')": imported('koffi'),
  'node -e 0': ['-e', '0'],
  "import('dmts')": imported('dmts'),
  "import('dmts/targets')": imported('dmts/targets'),
  "import('dmts/thin')": imported('dmts/thin'),
  "import('dmts/storage')": imported('dmts/storage'),
  "import('dmts/ioctl')": imported('dmts/ioctl'),
  'dmts version': [CLI, 'version'],
  'dmts --help': [CLI, '--help'],
};

/** CPU time in milliseconds. */
function cost(args: readonly string[]): number {
  const { output, stderr } = spawnSync(process.execPath, ['--import', REPORT, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const microseconds = Number(output[3]);
  if (!(microseconds > 0)) throw new Error(`node ${args.join(' ')} reported no time: ${stderr}`);
  return microseconds / 1000;
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[figures.length >> 1]!;

const costs = new Map<string, number[]>(Object.keys(PROGRAMS).map((name) => [name, []]));
for (let run = 0; run < runs; run++) {
  for (const [name, args] of Object.entries(PROGRAMS)) costs.get(name)!.push(cost(args));
}
const [[, base] = []] = costs;
console.log(`CPU time, medians of ${runs}, and the ratio to import('koffi'):`);
for (const [name, figures] of costs) {
  const ratio = median(figures) / median(base!);
  console.log(
    `  ${name.padEnd(24)} ${median(figures).toFixed(1).padStart(6)} ms ${ratio.toFixed(2)}`,
  );
}
