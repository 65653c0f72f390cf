// Checks on every command: in this process, and for some with the built program.

import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { commands } from '../../../src/cli/commands.ts';
import { dmts, mainFile, type Outcome, startDmts } from '../../support/cli/dmts.ts';
import { runHere } from '../../support/cli/in-process.ts';
import { allVerbs } from '../../support/cli/verbs.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';

/** A directory with the structure of a storage. */
const ROOT = mkdtempSync(join(tmpdir(), 'dmts-test-'));

/** Arguments with which each storage command reaches the control node. */
function storageWords(root: string): Readonly<Record<string, readonly string[]>> {
  mkdirSync(join(root, 'metadata'));
  const verbs = [
    ...['ls', 'status', 'shutdown', 'rm web --confirm web', 'check', 'repair --yes'],
    ...['create', 'mount', 'umount', 'inspect', 'changes', 'diff', 'apply'].map((v) => `${v} web`),
  ];
  return Object.fromEntries(
    verbs.map((line) => {
      const [verb, ...words] = line.split(' ');
      return [`storage ${verb}`, ['--root', root, ...words]];
    }),
  );
}

/** Arguments with which each command reaches the control node. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  create: ['vol', '--notable'],
  reload: ['vol', '--table', '0 8 zero'],
  rename: ['vol', 'new'],
  message: ['vol', '0', 'hello'],
  'target-version': ['linear'],
  setgeometry: ['vol', '1', '2', '3', '0'],
  remove_all: ['--yes'],
  'pool create': ['tank', '--metadata', '/no/meta', '--data', '/no/data'],
  'pool activate': ['tank', '--metadata', '/no/meta', '--data', '/no/data'],
  'pool deactivate': ['tank', '--confirm', 'tank'],
  'pool grow': ['tank', '--data', '+1g'],
  'pool watch': ['tank'],
  'pool trim': ['--pool', 'tank'],
  'pool check': ['tank'],
  'pool diff': ['tank', '1', '2'],
  'thin create': ['tank', '1'],
  'thin snap': ['tank', '2', '1'],
  'thin activate': ['tank', '1', '--size', '1g'],
  'thin deactivate': ['tank', '1'],
  'thin delete': ['tank', '1', '--confirm', 'tank-1'],
  'thin ls': ['tank'],
  'thin grow': ['tank', '1', '2g'],
  ...storageWords(ROOT),
  'volume init': ['--dir', ROOT, 'vms', '--size', '1g'],
  'volume create': ['--dir', ROOT, 'vm1', '--size', '1g'],
  'volume clone': ['--dir', ROOT, 'vm1', 'vm2'],
  'volume import': ['--dir', ROOT, 'vm1', 'image'],
  'volume export': ['--dir', ROOT, 'vm1', 'image'],
  'volume rollback': ['--dir', ROOT, 'vm1', 'vm2', '--confirm', 'vm1'],
  'volume rename': ['--dir', ROOT, 'vm1', 'vm2'],
  'volume grow': ['--dir', ROOT, 'vm1', '2g'],
  'volume activate': ['--dir', ROOT, 'vm1'],
  'volume deactivate': ['--dir', ROOT, 'vm1'],
  'volume delete': ['--dir', ROOT, 'vm1', '--confirm', 'vm1'],
  'volume ls': ['--dir', ROOT],
  'volume shutdown': ['--dir', ROOT],
};
const NEEDS_NAME = ['clear', 'suspend', 'resume', 'remove', 'wait', 'wipe_table'];
/** Commands that only have subcommands. */
const GROUPS = ['pool', 'thin', 'storage', 'volume'];

/** Commands that work on any machine. */
const NEEDS_NO_KERNEL: Readonly<Record<string, readonly string[]>> = {
  splitname: ['vg-lv'],
  udevcookies: [],
  completion: ['bash'],
};

/** Commands that also run as processes: one of each kind, and those that succeed. */
const PROCESSES: readonly string[] = [
  ...['version', 'ls', 'create', 'wait', 'pool watch', 'thin ls', 'storage ls'],
  ...Object.keys(NEEDS_NO_KERNEL),
];

const wordsFor = (verb: string): readonly string[] =>
  NEEDS_NO_KERNEL[verb] ?? WORDS[verb] ?? (NEEDS_NAME.includes(verb) ? ['vol'] : []);

function endsWithoutKernel(t: ExecutionContext, verb: string, outcome: Outcome): void {
  const { status, stdout, stderr } = outcome;
  if (verb in NEEDS_NO_KERNEL) {
    t.deepEqual([status, stderr], [0, '']);
    t.not(stdout, '');
  } else {
    t.deepEqual([status, stdout], [6, '']);
    t.regex(stderr, /^dmts: ENOENT: .*This kernel has no device mapper.*\n$/);
  }
}

/** A machine without a device mapper, whatever this one has. */
const NOWHERE = { DM_DEV_DIR: '/nonexistent' };
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A directory for nodes with a control node that only a privileged process can open. */
function forbidden(t: ExecutionContext): string {
  const dir = tempDir(t);
  mkdirSync(join(dir, 'mapper'));
  const control = join(dir, 'mapper/control');
  writeFileSync(control, '');
  chmodSync(control, 0);
  if (isRoot) chownSync(control, NOBODY, NOBODY);
  return dir;
}

for (const verb of await allVerbs()) {
  const words = verb.split(' ');
  test(`dmts ${verb}: its help, and unknown arguments`, async (t) => {
    const help = await runHere([...words, '--help']);
    t.deepEqual([help.status, help.stderr], [0, '']);
    t.regex(help.stdout, new RegExp(`^Usage: dmts ${verb}`));
    t.regex(help.stdout, /\nExamples:\n {2}dmts /);
    const asked = await runHere([...words.slice(0, -1), 'help', ...words.slice(-1)]);
    t.is(asked.stdout, help.stdout);

    if (GROUPS.includes(verb)) {
      t.deepEqual(await runHere(words), { status: 2, stdout: '', stderr: help.stdout });
      const typo = await runHere([...words, 'creat']);
      t.deepEqual([typo.status, typo.stdout], [2, '']);
      t.is(
        typo.stderr,
        `dmts: unknown command 'creat'\n(Did you mean create?)\n"dmts ${verb} --help" lists its commands.\n`,
      );
      return;
    }
    const unknown = await runHere([...words, '--jsn', ...wordsFor(verb)]);
    t.deepEqual([unknown.status, unknown.stdout], [2, '']);
    t.is(
      unknown.stderr,
      `dmts: unknown option '--jsn'\n(Did you mean --json?)\n"dmts ${verb} --help" explains the command.\n`,
    );
  });

  if (GROUPS.includes(verb)) continue;
  // In sequence, because the storage commands lock the same directory.
  test.serial(`dmts ${verb} on a machine without a device mapper`, async (t) => {
    const line = [...words, ...wordsFor(verb)];
    endsWithoutKernel(t, verb, await runHere(line, '', NOWHERE));
    if (PROCESSES.includes(verb)) endsWithoutKernel(t, verb, dmts(line, { env: NOWHERE }));
  });
}

/** The commands that the built program lists in the help of a group, or in that of `dmts`. */
function listed(group: readonly string[]): readonly string[] {
  const { stdout } = dmts([...group, '--help'], { env: { COLUMNS: '200' } });
  const [, commandLines = ''] = stdout.split('\nCommands:\n');
  const [section = ''] = commandLines.split('\n\n');
  const names = [...section.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name!);
  return names.filter((name) => name !== 'help').map((name) => [...group, name].join(' '));
}

test('the built program has every command', async (t) => {
  const found = [[], ...GROUPS.map((group) => [group])].flatMap(listed);
  t.deepEqual(found.toSorted(), [...(await allVerbs())].toSorted());
});

test.after.always(() => rmSync(ROOT, { recursive: true }));

test('without permissions', (t) => {
  // The capabilities of root override file permissions.
  const caps = '-dac_override,-dac_read_search';
  const drop = isRoot ? ['setpriv', `--bounding-set=${caps}`, `--inh-caps=${caps}`] : [];
  const env = { DM_DEV_DIR: forbidden(t) };
  for (const verb of ['version', 'ls', 'create']) {
    const outcome = dmts([verb, ...wordsFor(verb)], { env, wrapper: drop });
    t.deepEqual([outcome.status, outcome.stdout], [5, ''], outcome.stderr);
    const reason = isRoot
      ? 'lacks the capability CAP_DAC_OVERRIDE'
      : 'Only root may use the device mapper';
    t.regex(outcome.stderr, new RegExp(`^dmts: EACCES: .*${reason}\n$`));
  }
});

test('without arguments: the help on stderr, and exit status 2', (t) => {
  const { status, stdout, stderr } = dmts([]);
  t.deepEqual([status, stdout], [2, '']);
  for (const verb of commands.keys()) t.regex(stderr, new RegExp(`^ {2}${verb} `, 'm'));
  const asked = dmts(['--help']);
  t.deepEqual([asked.status, asked.stderr, asked.stdout], [0, '', stderr]);
  t.is(dmts(['help']).stdout, stderr);
});

test('a typo gets a suggestion', (t) => {
  const { status, stdout, stderr } = dmts(['stauts']);
  t.deepEqual([status, stdout], [2, '']);
  t.regex(stderr, /^dmts: unknown command 'stauts'\n\(Did you mean status\?\)\n/);
});

test('--version prints the version of the package', (t) => {
  const { version } = JSON.parse(
    execFileSync('node', ['-p', 'JSON.stringify(require("dmts/package.json"))'], {
      encoding: 'utf8',
    }),
  ) as { readonly version: string };
  for (const option of ['--version', '-V']) {
    t.deepEqual(dmts([option]), { status: 0, stdout: `${version}\n`, stderr: '' });
  }
});

test('an invalid table on stdin', (t) => {
  const { status, stdout, stderr } = dmts(['create', 'vol'], {
    input: '0 8 zero\nbla\n',
    env: NOWHERE,
  });
  t.deepEqual([status, stdout], [2, '']);
  t.regex(stderr, /^dmts: line 2: expected START LENGTH TYPE PARAMS, .* got "bla"\n$/);
});

/** Run a line of shell; `$0` is the command. */
const shell = (line: string) =>
  spawnSync(
    'bash',
    ['-o', 'pipefail', '-c', `dmts() { "${process.execPath}" "${mainFile()}" "$@"; }; ${line}`],
    {
      encoding: 'utf8',
      env: { ...process.env, ...NOWHERE },
    },
  );

test('a closed stdout: no message, and an unchanged exit status', (t) => {
  const help = shell('dmts --help | head -c 0; echo "$?"');
  t.deepEqual([help.stdout, help.stderr], ['0\n', '']);
  const failed = shell('dmts ls 2>/dev/null | head -c 0; echo "$?"');
  t.is(failed.stdout, '6\n');
  t.is(shell('dmts --help >&-; echo "$?"').stdout, '0\n');
});

test('a full stdout: an error message, and exit status 1', (t) => {
  const { stdout, stderr } = shell('{ dmts --help >/dev/full; } ; echo "$?"');
  t.is(stdout, '1\n');
  t.regex(stderr, /^dmts: cannot write the output: ENOSPC/);
});

/** A descriptor may be closed between the listing and the read. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Resolves when the process waits for its stdin: its epoll set has descriptor 0. */
async function readsStdin({ pid }: ChildProcess): Promise<void> {
  const dir = `/proc/${pid}/fdinfo`;
  const hasStdin = (fd: string): boolean => /^tfd:\s+0\s/m.test(readOrNothing(`${dir}/${fd}`));
  await until('a wait for stdin', () => readdirSync(dir).some(hasStdin));
}

/** Resolves when a thread of the process sleeps in a read of a pipe. */
async function readsPipe({ pid }: ChildProcess): Promise<void> {
  const dir = `/proc/${pid}/task`;
  const reads = (id: string): boolean => readOrNothing(`${dir}/${id}/wchan`).includes('pipe_read');
  await until('a read of the pipe', () => readdirSync(dir).some(reads));
}

test('Ctrl-C during the read of a table: one sentence, and exit status 130', async (t) => {
  const { child, ended } = startDmts(['create', 'vol'], NOWHERE);
  await readsStdin(child);
  child.kill('SIGINT');
  t.deepEqual(await ended, {
    status: 130,
    signal: null,
    stdout: '',
    stderr: 'dmts: interrupted: nothing was changed\n',
  });
});

test('SIGTERM interrupts too, with a separate exit status', async (t) => {
  const { child, ended } = startDmts(['create', 'vol'], NOWHERE);
  await readsStdin(child);
  child.kill('SIGTERM');
  t.like(await ended, { status: 143, signal: null });
});

test('Ctrl-C during a call that cannot be interrupted prints a notice; a second one ends the process', async (t) => {
  const fifo = join(tempDir(t), 'table');
  execFileSync('mkfifo', [fifo]);
  const { child, ended, says } = startDmts(['create', 'vol', fifo], NOWHERE);
  const writer = await open(fifo, 'w');
  t.teardown(() => writer.close());
  await readsPipe(child);
  child.kill('SIGINT');
  await says('still waiting for the kernel; press Ctrl-C again to exit now');
  child.kill('SIGINT');
  t.like(await ended, { status: null, signal: 'SIGINT' });
});
