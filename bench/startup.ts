// What imports and commands cost beside `node -e 0` and `import 'koffi'`, in CPU time: medians of runs in turn, so that all see
// the same machine. Commands run twice: as this machine is, and with a file in the place of the control node.
// `npm run bench:startup -- --runs 11`

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { modulesOf, sizeOf } from './modules.ts';
import { commandsIn, furnish, IMPORTS, importOf, ROOT } from './programs.ts';
import { median } from './statistics.ts';

/** Runs a program in bash, which prints its user and system time in seconds. */
const TIMED = `TIMEFORMAT='%3U %3S'; time "$@" >/dev/null 2>&1 </dev/null`;
const NODE = 'node -e 0';
const KOFFI = "import 'koffi'";

const { values } = parseArgs({ options: { runs: { type: 'string', default: '11' } } });
const runs = Number(values.runs);

interface Row {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** CPU times in milliseconds. */
  readonly figures: number[];
}

/** CPU time in milliseconds, from the start of the process to its end. */
function cost({ name, args, env }: Row): number {
  const words = ['-c', TIMED, 'bash', process.execPath, ...args];
  const { stderr } = spawnSync('bash', words, { cwd: ROOT, env, encoding: 'utf8' });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number);
  if (!(user + system > 0)) throw new Error(`cannot measure ${name}: ${stderr}`);
  return (user + system) * 1000;
}

/** The size of the package and its dependencies as npm installs them, and the count of packages. */
function installed(directory: string): string {
  const run = (command: string, args: readonly string[], cwd: string): string =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const quiet = ['--silent', '--ignore-scripts'];
  const tarball = run('npm', ['pack', ...quiet, '--pack-destination', directory], ROOT).trim();
  run('npm', ['install', ...quiet, '--omit=dev', `./${tarball}`], directory);
  const packages = run('npm', ['ls', '--all', '--parseable'], directory).trim().split('\n');
  const [kilobytes] = run('du', ['-sk', 'node_modules'], directory).split('\t');
  const megabytes = (Number(kilobytes) / 1024).toFixed(1);
  // The first one is the directory itself.
  return `Installed: ${megabytes} MB in ${packages.length - 1} packages, with dmts`;
}

const directory = mkdtempSync(join(tmpdir(), 'dmts-bench-'));
try {
  const furnished = furnish(directory);
  const commands = Object.entries(commandsIn(directory));
  const rows: readonly Row[] = [
    ...Object.entries({ [NODE]: ['-e', '0'], [KOFFI]: importOf('koffi'), ...IMPORTS }).map(
      ([name, args]) => ({ name, args, env: process.env, figures: [] }),
    ),
    ...commands.map(([name, args]) => ({ name, args, env: process.env, figures: [] })),
    ...commands
      .filter(([name]) => name !== 'dmts --help')
      .map(([name, args]) => ({ name: `${name}, one ioctl`, args, env: furnished, figures: [] })),
  ];
  for (let run = 0; run < runs; run++) for (const row of rows) row.figures.push(cost(row));
  const costOf = (wanted: string): number =>
    median(rows.find(({ name }) => name === wanted)!.figures);
  console.log(
    `CPU time, medians of ${runs}; ratios to ${NODE} and to ${KOFFI}; files loaded, and their size:`,
  );
  for (const { name, args, env, figures } of rows) {
    const time = median(figures);
    const ratios = [time / costOf(NODE), time / costOf(KOFFI)].map((ratio) => ratio.toFixed(2));
    const files = modulesOf(args, env);
    const loaded = `${files.length} files, ${sizeOf(files).toFixed(0)} kB`;
    const cells = [`${time.toFixed(0)} ms`.padStart(7), ...ratios, loaded];
    console.log(`  ${name.padEnd(26)} ${cells.join('  ')}`);
  }
  console.log(installed(directory));
} finally {
  rmSync(directory, { recursive: true });
}
