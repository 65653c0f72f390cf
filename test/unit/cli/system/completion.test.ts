// Shell completion offers every command, subcommand and option.

import { spawnSync } from 'node:child_process';
import test from 'ava';
import { runIn } from '../../../support/cli/in-process.ts';

const script = async (shell: string): Promise<string> =>
  (await runIn({}, 'completion', shell)).stdout;

/** The completions of bash for the last of `words`; a fake `dmts` prints a list of devices or pools. */
function offered(completion: string, ...words: readonly string[]): readonly string[] {
  const fake = `dmts() { if [ "$1" = pool ]; then printf 'tank/ok\\n'; else printf 'vol\\t(253:0)\\n'; fi; }`;
  const line = `COMP_WORDS=(dmts ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['-c', `${fake}\n${completion}\n${line}; _dmts; printf '%s\\n' "\${COMPREPLY[@]}"`],
    { encoding: 'utf8' },
  );
  if (status !== 0 || stderr !== '') throw new Error(`bash ended with ${status}: ${stderr}`);
  return stdout.split('\n').filter((word) => word !== '');
}

const rows: readonly (readonly [words: readonly string[], offers: readonly string[]])[] = [
  [['spl'], ['splitname']],
  [['po'], ['pool']],
  [['pool', 'gr'], ['grow']],
  [
    ['thin', 'de'],
    ['deactivate', 'delete'],
  ],
  [['pool', 'create', '--block'], ['--block-size']],
  [
    ['thin', 'delete', '--d'],
    ['--discard', '--dry-run'],
  ],
  [
    ['ls', '--t'],
    ['--tree', '--target'],
  ],
  [['ls', '--check'], []],
  [['info', ''], ['vol']],
  [['pool', 'status', ''], ['tank']],
  [['thin', 'ls', 't'], ['tank']],
  [
    ['storage', ''],
    'create mount umount rm ls status inspect changes diff apply check repair shutdown'.split(' '),
  ],
  [['storage', '--r'], ['--root']],
  [['storage', '--root', ''], []],
  [['storage', '--root', '/srv/layers', 'cr'], ['create']],
  [['storage', '--accept-pool', '--root', '=', '/srv/layers', 'cr'], ['create']],
  [['storage', '--storage-opt', 'dm.fs', '=', 'xfs', '--root', '/srv', 'cr'], ['create']],
  [['storage', '--root', '/srv/layers', 'create', '--p'], ['--parent']],
  [['storage', '--root', '/srv/layers', 'mount', ''], []],
];

for (const [words, offers] of rows) {
  test(`bash: dmts ${words.join(' ')}|`, async (t) => {
    t.deepEqual(offered(await script('bash'), ...words), offers);
  });
}

test('zsh: the commands of a group, and their options', async (t) => {
  const text = await script('zsh');
  t.regex(text, /\n {4}3:pool\) commands=\(\n {6}'create:Create a pool[^\n]*'\n/);
  t.regex(
    text,
    /\n {4}\*:thin\) source=pools; case \$words\[at\] in\n {6}create\) options=\(--json --activate /,
  );
  t.regex(
    text,
    /\n {4}3:storage\) commands=\(\n(?: {6}.*\n)+ {4}\) options=\(--root --storage-opt --accept-pool\) ;;\n/,
  );
  t.regex(text, /== \(--root\|--storage-opt\|--dir\) \]\]/);
});

test('fish: a subcommand is offered only below its group, an option only after its command', async (t) => {
  const text = await script('fish');
  t.regex(
    text,
    /^complete -c dmts -n "__fish_seen_subcommand_from pool; and not [^"]*" -f -a grow -d /m,
  );
  t.regex(
    text,
    /^complete -c dmts -n "not __fish_seen_subcommand_from pool thin storage volume; and __fish_seen_subcommand_from ls" -l tree -d /m,
  );
  t.regex(
    text,
    /^complete -c dmts -n "__fish_seen_subcommand_from storage; and not [^"]*create mount [^"]*" -l root -d /m,
  );
  t.notRegex(text, /from storage; and __fish_seen_subcommand_from create mount[^"]*" -f -a/);
});
