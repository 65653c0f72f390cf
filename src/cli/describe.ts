// How every command introduces itself.

import type { Command } from 'commander';

/** What the help of a command says. */
export interface Description {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More than that, for the command's own help. */
  readonly details?: string;
  /** The words after the name, where commander's own account of them would mislead. */
  readonly usage?: string;
  /** Command lines. */
  readonly examples: readonly string[];
}

/** Add a command to the program, with `--json` and its help. */
export function describe(
  program: Command,
  { name, summary, details, usage, examples }: Description,
): Command {
  const command = program
    .command(name)
    .summary(summary)
    .description(details === undefined ? `${summary}.` : `${summary}.\n\n${details}`)
    .option('-j, --json', 'print one JSON document')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(`"dmts ${name} --help" explains the command.`)
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
  return usage === undefined ? command : command.usage(usage);
}

/** The option every command has. */
export interface JsonOption {
  readonly json?: boolean;
}
