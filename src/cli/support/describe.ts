// Adds commands and their help to the program.

import type { Command } from 'commander';

/** The help of a command. */
export interface Description {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More detail, for the command's own help. */
  readonly details?: string;
  /** The arguments after the name, if commander's own usage line would mislead. */
  readonly usage?: string;
  /** Example command lines. */
  readonly examples: readonly string[];
}

/** Adds a command to the program, with `--json` and its help. */
export function describe(
  program: Command,
  { name, summary, details, usage, examples }: Description,
): Command {
  const command = program
    .command(name)
    .summary(summary)
    .description(details === undefined ? `${summary}.` : `${summary}.\n\n${details}`)
    .option('--json', 'print one JSON document')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(`"${pathOf(program)} ${name} --help" explains the command.`)
    .addHelpText('after', examplesText(examples));
  return usage === undefined ? command : command.usage(usage);
}

/** Adds a group of commands. The group itself does nothing. */
export function describeGroup(
  program: Command,
  { name, summary, details, usage = 'COMMAND', examples }: Description,
): Command {
  return program
    .command(name)
    .summary(summary)
    .description(details === undefined ? `${summary}.` : `${summary}.\n\n${details}`)
    .usage(usage)
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .enablePositionalOptions()
    .showHelpAfterError(`"dmts ${name} --help" lists its commands.`)
    .addHelpText('after', examplesText(examples));
}

const examplesText = (examples: readonly string[]): string =>
  `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`;

/** The full name of a command: `dmts pool`. */
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** The option of every command. */
export interface JsonOption {
  readonly json?: boolean;
}
