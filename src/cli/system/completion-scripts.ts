// Completion scripts, generated from the command tree: they offer what each command's help shows.

import type { Command, Option } from 'commander';

/** The shells with a completion script. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** The shell command that lists device names. It prints nothing if there are none. */
const DEVICES = 'dmts ls 2>/dev/null | cut -sf1';
/** The same for thin pools. A name never contains a slash. */
const POOLS = 'dmts pool ls --noheadings --separator / 2>/dev/null | cut -sd/ -f1';

/** The options that the command's help shows. */
const shownOptions = ({ options }: Command): readonly Option[] =>
  options.filter(({ hidden }) => !hidden);

const optionsOf = (command: Command): string =>
  shownOptions(command)
    .flatMap(({ short, long }) => [short, long])
    .filter((word) => word !== undefined)
    .join(' ');

/** The options of groups that have a value. They precede the subcommand and so shift its position. */
const valued = (program: Command): readonly string[] =>
  groupsOf(program).flatMap(({ options }) =>
    options.flatMap(({ required, long }) => (required && long ? [long] : [])),
  );

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const groupsOf = (program: Command): readonly Command[] =>
  program.commands.filter(({ commands }) => commands.length > 0);

/**
 * The arms of a `case` over the word's position and the first word, for bash and zsh. `list` formats a list of words;
 * `nested` is the shell's expression for the second word. A group with options of its own takes no pool name.
 */
function optionArms(program: Command, list: (words: string) => string, nested: string): string {
  const arm = (command: Command): string =>
    `${command.name()}) options=${list(optionsOf(command))} ;;`;
  return program.commands
    .map((command) => {
      const below = command.commands.map((one) => `      ${arm(one)}\n`).join('');
      if (below === '') return `    *:${arm(command)}`;
      const own = optionsOf(command);
      const source = own === '' ? 'source=pools' : `source=none options=${list(own)}`;
      return `    *:${command.name()}) ${source}; case ${nested} in\n${below}    esac ;;`;
    })
    .join('\n');
}

function bash(program: Command): string {
  const groups = groupsOf(program).map(
    (group) =>
      `    2:${group.name()}) words=${quoted(names(group))} options=${quoted(optionsOf(group))} ;;\n`,
  );
  return `# bash completion of dmts
_dmts() {
  local word=\${COMP_WORDS[COMP_CWORD]} below words= options= source=devices at=2
  while (( at < COMP_CWORD )) && [[ \${COMP_WORDS[at]} == -* ]]; do
    case \${COMP_WORDS[at]} in
      ${valued(program).join('|')}) (( at++ )); [[ \${COMP_WORDS[at]} == = ]] && (( at++ )) ;;
    esac
    (( at++ ))
    while [[ \${COMP_WORDS[at]} == = ]]; do (( at += 2 )); done
  done
  (( COMP_CWORD > 1 && at > COMP_CWORD )) && return
  below=\${COMP_WORDS[at]}
  case $((COMP_CWORD - at + 2)):\${COMP_WORDS[1]} in
    1:*) words=${quoted(names(program))} ;;
${groups.join('')}${optionArms(program, quoted, '$below')}
  esac
  if [[ $word == -* ]]; then words=$options
  elif [[ -z $words ]]; then
    case $source in
      pools) words=$(${POOLS}) ;;
      devices) words=$(${DEVICES}) ;;
    esac
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
    (group) =>
      `    3:${group.name()}) commands=(\n${described(group)}    ) options=(${optionsOf(group)}) ;;\n`,
  );
  return `#compdef dmts
_dmts() {
  local -a commands options names
  local source=devices at=3
  while (( at < CURRENT )) && [[ $words[at] == -* ]]; do
    [[ $words[at] == (${valued(program).join('|')}) ]] && (( at++ ))
    (( at++ ))
  done
  if (( CURRENT > 2 && at > CURRENT )); then
    _files
    return
  fi
  case $(( CURRENT - at + 3 )):$words[2] in
    2:*) commands=(
${described(program)}    ) ;;
${groups.join('')}${optionArms(program, (words) => `(${words})`, '$words[at]')}
  esac
  if [[ $PREFIX == -* ]]; then
    compadd -- $options
  elif (( $#commands )); then
    _describe 'command' commands
  else
    case $source in
      pools) names=(\${(f)"$(${POOLS})"}) ;;
      devices) names=(\${(f)"$(${DEVICES})"}) ;;
      *) _files; return ;;
    esac
    compadd -- $names
  fi
}
_dmts "$@"
`;
}

const seen = (words: string): string => `__fish_seen_subcommand_from ${words}`;

/** The fish lines that offer the options of a command where the condition `where` holds. */
const fishOptions = (command: Command, where: string): readonly string[] =>
  shownOptions(command).map(
    ({ short, long, description }) =>
      `complete -c dmts -n "${where}"${short ? ` -s ${short.slice(1)}` : ''}${long ? ` -l ${long.slice(2)}` : ''} -d ${quoted(description)}`,
  );

/** The fish lines for the commands of one level, valid where the condition `within` holds. */
function fishLevel(program: Command, within: string): readonly string[] {
  return program.commands.flatMap((command) => [
    `complete -c dmts -n "${within}; and not ${seen(names(program))}" -f -a ${command.name()} -d ${quoted(command.summary())}`,
    ...(command.commands.length > 0
      ? []
      : fishOptions(command, `${within}; and ${seen(command.name())}`)),
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
      ...fishOptions(group, `${seen(group.name())}; and not ${seen(names(group))}`),
      ...fishLevel(group, seen(group.name())),
      ...(group.options.length > 0
        ? []
        : [
            `complete -c dmts -n "${seen(group.name())}; and ${seen(names(group))}" -f -a "(${POOLS})"`,
          ]),
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
