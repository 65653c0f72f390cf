import { execFileSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {
  commandScript,
  guestEnvironment,
  type Job,
  settingsScript,
  shellQuote,
  temporaryEntries,
} from '../../../vm/job.ts';

const job: Job = {
  command: ['true'],
  cwd: '/',
  env: {},
  trailer: 'end',
  machine: 'uml',
  udev: false,
  modules: [],
};

/** The output of sh for a script. */
function sh(script: string): string {
  return execFileSync('/bin/sh', ['-s'], { input: script, env: {} }).toString();
}

test('a word with any content survives sh', (t) => {
  for (const word of ['', "it's", '$HOME `id` $(id)', 'a\nb\n', '\\', '"', '*', '-n', "''", '!x'])
    t.is(sh(`printf '%s.' ${shellQuote(word)}`), `${word}.`);
});

test('any words survive sh', (t) => {
  const survive = () =>
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0'))),
        (words) => {
          const printed = sh(`printf '%s\\0' x ${words.map(shellQuote).join(' ')}`);
          return printed === ['x', ...words, ''].join('\0');
        },
      ),
      { numRuns: 50 },
    );
  t.notThrows(survive);
});

test('NUL cannot be quoted', (t) => {
  t.throws(() => shellQuote('a\0b'), { instanceOf: RangeError });
});

test('the command gets its arguments, directory and variables, no core file and nothing else', (t) => {
  const script = commandScript({
    ...job,
    command: ['/bin/sh', '-c', 'pwd; ulimit -c; printf "%s|" "$A" "$@"', 'name', 'x y', "'", '$A'],
    cwd: '/usr/bin',
    env: { A: "it's\n$PATH" },
  });
  t.is(sh(script), "/usr/bin\n0\nit's\n$PATH|x y|'|$A|");
});

test('sh reads the settings back', (t) => {
  const script = settingsScript({ ...job, udev: true, modules: ['a', 'b'], cwd: '/tmp/my dir/x' });
  const use = 'keep() { echo "keep <$1>"; }\nkeep_tmp\necho "$trailer $machine $udev $modules"\n';
  t.is(sh(`${script}${use}`), 'keep <my dir>\nend uml 1 a b\n');
});

test('entries of /tmp are kept if the directory or a word names them', (t) => {
  const entries = (cwd: string, ...command: string[]) => temporaryEntries({ command, cwd });
  t.deepEqual(entries('/', 'ls', '/tmp'), []);
  t.deepEqual(entries('/tmp', 'ls', '/tmpfile', '/tmp/', '/tmp/..', '/var/tmp/x'), []);
  t.deepEqual(entries('/tmp/a/b', 'sh', '/tmp/c.sh', '/tmp//a/d'), ['a', 'c.sh']);
});

test('the environment has few variables of this process, sbin in PATH, and the requested variables last', (t) => {
  const own = { PATH: '/opt/bin:/usr/bin', HOME: '/home/me', SECRET: 'x', LANG: 'C.UTF-8' };
  t.deepEqual(
    guestEnvironment(
      own,
      { LANG: 'de', X: '1' },
      { release: '6.1.0-1', disks: ['/dev/ubda', '/dev/ubdb'] },
    ),
    {
      HOME: '/home/me',
      LANG: 'de',
      USER: 'root',
      LOGNAME: 'root',
      SHELL: '/bin/sh',
      PATH: '/opt/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin',
      DMTS_GUEST: '6.1.0-1',
      DMTS_DISKS: '/dev/ubda /dev/ubdb',
      X: '1',
    },
  );
  t.is(guestEnvironment({}, {}, { release: '', disks: [] })['HOME'], '/root');
});
