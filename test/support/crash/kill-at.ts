// Runs a program that works on a storage directory under kill-at.c, which counts its system calls over all threads and
// children, and kills everything at one of them.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { Dm } from '../../../src/dm/wire/commands.ts';

const SOURCE = fileURLToPath(new URL('../../../../test/support/crash/kill-at.c', import.meta.url));
const OPERATION = fileURLToPath(new URL('../../fixtures/storage-op.js', import.meta.url));
/** Much longer than a run takes on a busy machine. */
const LIMIT_MS = 300_000;

/** One thread for files, no other way than system calls, and few directories to look for programs in: each run makes the same calls. */
const STEADY = {
  UV_THREADPOOL_SIZE: '1',
  UV_USE_IO_URING: '0',
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
};

/** Steps of a storage: `['create', 'b', { parent: 'a' }]`. */
export type Steps = readonly (readonly unknown[])[];

/** What a program does with a storage directory. */
export interface Program {
  readonly root: string;
  readonly steps: Steps;
  /** Options of the storage. */
  readonly options: readonly string[];
  /** Arguments of Node before the program, which then consists of its separate files. */
  readonly node?: readonly string[];
  /** Variables of the environment besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A system call by which a program may change something. */
export interface CountedCall {
  /** Its number among all of the run, from 1. */
  readonly number: number;
  /** `'ioctl'` */
  readonly name: string;
  /** The call with its arguments: `'rename /…/.tmp12 /…/base'`. */
  readonly text: string;
  /** The last line that the program had printed before; `''` before the first. */
  readonly after: string;
}

/** One run of a program. */
export interface Run {
  readonly calls: readonly CountedCall[];
  /** The lines that it printed. */
  readonly printed: readonly string[];
  /** How it ended: `'exited 0'`, `'killed'`. */
  readonly end: string;
}

/** A point of a run: the entry of a call, which is then not executed, or its exit. */
export interface Point {
  readonly side: 'entry' | 'exit';
  readonly number: number;
}

let built: string | undefined;

/** The compiled helper. It is deleted when this process ends. */
function helper(): string {
  if (built !== undefined) return built;
  const directory = mkdtempSync(join(tmpdir(), 'dmts-kill-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  built = join(directory, 'kill-at');
  execFileSync('gcc', ['-Wall', '-Werror', '-O1', '-o', built, SOURCE]);
  return built;
}

const bundles = new Map<string, string>();

/** A program in one file, which Node loads in half the time. Beside the other files, so that it finds its packages. */
export function bundleProgram(program: string): string {
  const bundled = bundles.get(program);
  if (bundled !== undefined) return bundled;
  const outfile = program.replace(/js$/, `${process.pid}.js`);
  process.once('exit', () => rmSync(outfile, { force: true }));
  buildSync({
    entryPoints: [program],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['koffi'],
    // For the packages that are no modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  bundles.set(program, outfile);
  return outfile;
}

const COMMANDS: ReadonlyMap<string, string> = new Map([
  ...Object.values(Dm).map(({ request, name }): [string, string] => [hex(request), name]),
  ['0x1277', 'BLKDISCARD'],
]);

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

/** Run the words of a command under the helper: `['list']`, `['entry', '3']` or `['exit', '3']`. */
export function runCounted(
  words: readonly string[],
  how: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Run {
  const { output, status, error, stderr } = spawnSync(helper(), [...how, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...STEADY, ...env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`cannot trace ${words.join(' ')}: ${stderr}`);
  const result = parseReport(output[3] ?? '');
  if (result.end !== 'exited 0' && result.end !== 'killed')
    throw new Error(`cannot run ${words.join(' ')}: it ${result.end}: ${stderr}`);
  return result;
}

function runProgram({ root, steps, options, node, env }: Program, how: readonly string[]): Run {
  const program = node === undefined ? [bundleProgram(OPERATION)] : [...node, OPERATION];
  const words = [process.execPath, ...program, root, JSON.stringify(steps), ...options];
  return runCounted(words, how, env);
}

function parseReport(report: string): Run {
  const calls: CountedCall[] = [];
  const printed: string[] = [];
  let end = '';
  for (const line of report.trimEnd().split('\n')) {
    const [word = '', name = ''] = line.split(' ', 2);
    const rest = line.slice(word.length + 1);
    if (word === '-') printed.push(rest);
    else if (word === 'end') end = rest;
    else {
      const text = rest.replace(
        / (0x[0-9a-f]+)/,
        (_, request) => ` ${COMMANDS.get(request) ?? request}`,
      );
      calls.push({ number: Number(word), name, text, after: printed.at(-1) ?? '' });
    }
  }
  return { calls, printed, end };
}

/** Run a program to its end. @returns its calls from the lock of the directory on */
export const listCalls = (program: Program): Run => runProgram(program, ['list']);

/** A run that was to end at a point. */
export interface KilledRun extends Run {
  /** The call of the point; `undefined` if the run did not reach it. */
  readonly call: CountedCall | undefined;
}

/** Run a program to its end, or kill it with all its children at a point. */
export function killAt(program: Program, { side, number }: Point): KilledRun {
  const result = runProgram(program, [side, String(number)]);
  return { ...result, call: result.end === 'killed' ? result.calls.at(-1) : undefined };
}
