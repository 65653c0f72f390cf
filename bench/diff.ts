// What packing and unpacking a directory costs beside GNU tar, on the same filesystem: wall-clock time and CPU time of whole
// processes, medians of runs in turn. `npm run bench:diff -- --runs 5 --files 20000 --directory /tmp`

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, ratioOf } from './statistics.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    files: { type: 'string', default: '20000' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const [runs, files] = [Number(values.runs), Number(values.files)];

const FILE_BYTES = 25_000;
const FILES_A_DIRECTORY = 200;
const PROGRAM = fileURLToPath(new URL('support/diff-program.js', import.meta.url));

/** Runs a program in bash, which prints its real, user and system time in seconds. */
const TIMED = `TIMEFORMAT='%3R %3U %3S'; time "$@"`;

/** A way to do one of the two tasks. */
interface Peer {
  readonly title: string;
  readonly command: (from: string, to: string) => readonly string[];
  readonly wall: number[];
  readonly cpu: number[];
}

const peer = (title: string, command: Peer['command']): Peer => ({
  title,
  command,
  wall: [],
  cpu: [],
});
const dmts = (verb: string) => (from: string, to: string) => [
  process.execPath,
  PROGRAM,
  verb,
  from,
  to,
];

/** The way of dmts comes first. */
const APPLY = [
  peer('dmts: apply', dmts('apply')),
  peer('tar -x', (from, to) => ['tar', '-C', to, '-xf', from]),
];
const PACK = [
  peer('dmts: diff', dmts('pack')),
  peer('tar -c', (from, to) => ['tar', '-C', from, '-cf', to, '.']),
];

/** Measures one run. */
function measure({ title, command, wall, cpu }: Peer, from: string, to: string): void {
  const words = ['-c', TIMED, 'bash', ...command(from, to)];
  const { stderr, status } = spawnSync('bash', words, { encoding: 'utf8' });
  const [real = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  if (status !== 0 || !(real > 0)) throw new Error(`cannot measure ${title}: ${stderr}`);
  wall.push(real);
  cpu.push(user + system);
}

function report(peers: readonly Peer[]): void {
  for (const { title, wall, cpu } of peers) {
    const against = peers.at(-1)!;
    const cells = [
      `${median(wall).toFixed(2)} s`.padStart(8),
      `${ratioOf(wall, against.wall).toFixed(2)} x`,
      `CPU ${median(cpu).toFixed(2)} s`,
      `${ratioOf(cpu, against.cpu).toFixed(2)} x`,
    ];
    console.log(`  ${title.padEnd(14)} ${cells.join('  ')}`);
  }
}

const directory = mkdtempSync(join(values.directory, 'dmts-bench-'));
try {
  const [source, target, tar] = ['source', 'target', 'tar'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const content = Buffer.alloc(FILE_BYTES, 'some text ');
  for (let i = 0; i < files; i++) {
    const inner = join(source, `d${Math.floor(i / FILES_A_DIRECTORY)}`);
    if (i % FILES_A_DIRECTORY === 0) mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `f${i}`), content);
  }
  for (let run = 0; run < runs; run++) {
    for (const one of PACK) {
      rmSync(tar, { force: true });
      measure(one, source, tar);
    }
    for (const one of APPLY) {
      mkdirSync(target);
      measure(one, tar, target);
      rmSync(target, { recursive: true });
    }
  }
  console.log(`${files} files of ${FILE_BYTES} bytes in ${values.directory}, medians of ${runs}:`);
  report(APPLY);
  report(PACK);
} finally {
  rmSync(directory, { recursive: true });
}
