// Completion scripts, written from the command tree: what a command's own help knows, they know.

import type { Command } from 'commander';

/** The shells there are scripts for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** Lists device names for a shell; says nothing where there are none. */
const DEVICES = 'dmts ls 2>/dev/null | cut -sf1';
/** The same for thin pools. No name has a slash in it. */
const POOLS = 'dmts pool ls --noheadings --separator / 2>/dev/null | cut -sd/ -f1';

const optionsOf = (command: Command): string =>
  command.options
    .flatMap(({ short, long }) => [short, long])
    .filter((word) => word !== undefined)
    .join(' ');

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const groupsOf = (program: Command): readonly Command[] =>
  program.commands.filter(({ commands }) => commands.length > 0);

/**
 * The arms of a `case` over the place of the word and the first word, for bash and zsh: `list` makes a list of words,
 * `nested` is how the shell names the second word.
 */
function optionArms(program: Command, list: (words: string) => string, nested: string): string {
  const arm = (command: Command): string =>
    `${command.name()}) options=${list(optionsOf(command))} ;;`;
  return program.commands
    .map((command) => {
      const below = command.commands.map((one) => `      ${arm(one)}\n`).join('');
      return below === ''
        ? `    *:${arm(command)}`
        : `    *:${command.name()}) source=pools; case ${nested} in\n${below}    esac ;;`;
    })
    .join('\n');
}

function bash(program: Command): string {
  const groups = groupsOf(program).map(
    (group) => `    2:${group.name()}) words=${quoted(names(group))} ;;\n`,
  );
  return `# bash completion of dmts
_dmts() {
  local word=\${COMP_WORDS[COMP_CWORD]} below=\${COMP_WORDS[2]} words= options= source=devices
  case $COMP_CWORD:\${COMP_WORDS[1]} in
    1:*) words=${quoted(names(program))} ;;
${groups.join('')}${optionArms(program, quoted, '$below')}
  esac
  if [[ -z $words ]]; then
    if [[ $word == -* ]]; then words=$options
    elif [[ $source == pools ]]; then words=$(${POOLS})
    else words=$(${DEVICES})
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _dmts dmts
`;
}

function zsh(program: Command): string {
  const described = (group: Command): string =>
    group.commands
      .map((one) => `      ${quoted(`${one.name()}:${one.summary().replaceAll(':', '\\:')}`)}\n`)
      .join('');
  const groups = groupsOf(program).map(
    (group) => `    3:${group.name()}) commands=(\n${described(group)}    ) ;;\n`,
  );
  return `#compdef dmts
_dmts() {
  local -a commands options names
  local source=devices
  case $CURRENT:$words[2] in
    2:*) commands=(
${described(program)}    ) ;;
${groups.join('')}${optionArms(program, (words) => `(${words})`, '$words[3]')}
  esac
  if (( $#commands )); then
    _describe 'command' commands
  elif [[ $PREFIX == -* ]]; then
    compadd -- $options
  else
    if [[ $source == pools ]]; then names=(\${(f)"$(${POOLS})"})
    else names=(\${(f)"$(${DEVICES})"})
    fi
    compadd -- $names
  fi
}
_dmts "$@"
`;
}

const seen = (words: string): string => `__fish_seen_subcommand_from ${words}`;

/** The lines of fish for the commands of one level: `within` holds where they can stand. */
function fishLevel(program: Command, within: string): readonly string[] {
  return program.commands.flatMap((command) => [
    `complete -c dmts -n "${within}; and not ${seen(names(program))}" -f -a ${command.name()} -d ${quoted(command.summary())}`,
    ...command.options.map(
      ({ short, long, description }) =>
        `complete -c dmts -n "${within}; and ${seen(command.name())}"${short ? ` -s ${short.slice(1)}` : ''}${long ? ` -l ${long.slice(2)}` : ''} -d ${quoted(description)}`,
    ),
  ]);
}

function fish(program: Command): string {
  const groups = groupsOf(program);
  const groupNames = groups.map((group) => group.name()).join(' ');
  const nowhereElse = `not ${seen(groupNames)}`;
  const lines = [
    ...fishLevel(program, nowhereElse),
    `complete -c dmts -n "${nowhereElse}; and ${seen(names(program))}" -f -a "(${DEVICES})"`,
    ...groups.flatMap((group) => [
      ...fishLevel(group, seen(group.name())),
      `complete -c dmts -n "${seen(group.name())}; and ${seen(names(group))}" -f -a "(${POOLS})"`,
    ]),
  ];
  return `# fish completion of dmts
${lines.join('\n')}
`;
}

const names = (program: Command): string =>
  program.commands.map((command) => command.name()).join(' ');

/** The script of each shell. */
export const completionScripts: Readonly<Record<Shell, (program: Command) => string>> = {
  bash,
  zsh,
  fish,
};
