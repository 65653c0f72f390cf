// Completion scripts, written from the command tree: what a command's own help knows, they know.

import type { Command } from 'commander';

/** The shells there are scripts for. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** Lists device names for a shell; says nothing where there are none. */
const DEVICES = 'dmts ls 2>/dev/null | cut -sf1';

const optionsOf = (command: Command): readonly string[] =>
  command.options.flatMap(({ short, long }) => [short, long]).filter((word) => word !== undefined);

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(program: Command): string {
  const cases = program.commands.map(
    (command) => `    ${command.name()}) options=${quoted(optionsOf(command).join(' '))} ;;`,
  );
  return `# bash completion of dmts
_dmts() {
  local word=\${COMP_WORDS[COMP_CWORD]} options
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(names(program).join(' '))} -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$(${DEVICES})" -- "$word"))
  fi
}
complete -o default -F _dmts dmts
`;
}

function zsh(program: Command): string {
  const commands = program.commands.map(
    (command) => `    ${quoted(`${command.name()}:${command.summary().replaceAll(':', '\\:')}`)}`,
  );
  const cases = program.commands.map(
    (command) => `    ${command.name()}) options=(${optionsOf(command).join(' ')}) ;;`,
  );
  return `#compdef dmts
_dmts() {
  local -a commands options devices
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    compadd -- $options
  else
    devices=(\${(f)"$(${DEVICES})"})
    compadd -- $devices
  fi
}
_dmts "$@"
`;
}

function fish(program: Command): string {
  const all = names(program).join(' ');
  const lines = program.commands.flatMap((command) => [
    `complete -c dmts -n "not __fish_seen_subcommand_from ${all}" -f -a ${command.name()} -d ${quoted(command.summary())}`,
    ...command.options.map(
      ({ short, long, description }) =>
        `complete -c dmts -n "__fish_seen_subcommand_from ${command.name()}"${short ? ` -s ${short.slice(1)}` : ''}${long ? ` -l ${long.slice(2)}` : ''} -d ${quoted(description)}`,
    ),
  ]);
  return `# fish completion of dmts
${lines.join('\n')}
complete -c dmts -n "__fish_seen_subcommand_from ${all}" -f -a "(${DEVICES})"
`;
}

const names = (program: Command): readonly string[] =>
  program.commands.map((command) => command.name());

/** The script of each shell. */
export const completionScripts: Readonly<Record<Shell, (program: Command) => string>> = {
  bash,
  zsh,
  fish,
};
