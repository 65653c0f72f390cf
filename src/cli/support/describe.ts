// Adds commands and their help to the program.

import type { Command } from 'commander';
import { addHelpParts } from '../help/help.ts';

/** The help of a command. */
export interface Description {
  readonly name: string;
  /** More detail than the summary, for the command's own help. */
  readonly details?: string;
  /** The arguments after the name, if commander's own usage line would mislead. */
  readonly usage?: string;
  /** Example command lines. */
  readonly examples: readonly string[];
}

const DESCRIPTIONS = new WeakMap<Command, Description>();

/** What a command was described with; nothing for the program itself. */
export const descriptionOf = (command: Command): Description | undefined =>
  DESCRIPTIONS.get(command);

/** Adds a command to the program, with `--json` and its help. */
export function describe(program: Command, description: Description): Command {
  const { name, details = '', usage, examples } = description;
  const command = program
    .command(name)
    .description(details)
    .option('--json', 'print JSON')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(`"${pathOf(program)} ${name} --help" explains the command.`);
  DESCRIPTIONS.set(command, description);
  addHelpParts(command, [{ title: 'Examples:', examples }]);
  return usage === undefined ? command : command.usage(usage);
}

/** Adds a group of commands. The group itself does nothing. */
export function describeGroup(program: Command, description: Description): Command {
  const { name, details = '', usage = 'COMMAND', examples } = description;
  const group = program
    .command(name)
    .description(details)
    .usage(usage)
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .showHelpAfterError(`"dmts ${name} --help" lists its commands.`);
  DESCRIPTIONS.set(group, description);
  return addHelpParts(group, [{ title: 'Examples:', examples }]);
}

/** Adds the summary to a described command. */
export function summarize(command: Command, summary: string): Command {
  const details = command.description();
  return command
    .summary(summary)
    .description(details === '' ? `${summary}.` : `${summary}.\n\n${details}`);
}

/** The full name of a command: `dmts pool`. */
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** The option of every command. */
export interface JsonOption {
  readonly json?: boolean;
}
