// Parses the command line with commander.

import { Command, CommanderError } from 'commander';
import { refuseMissing, verbFirst, wholeOptions } from './argv.ts';
import { commands } from './commands.ts';
import { addHelpParts, HELP_LAYOUT, WIDTH } from './help/help.ts';
import {
  ENVIRONMENT,
  EXIT_STATUSES,
  LIKE_DMSETUP,
  NAMES,
  PROGRAM_EXAMPLES,
  PURPOSE,
  SIZES,
  TABLES,
} from './help-topics.ts';
import { entryOf } from './support/command-entry.ts';
import { addCommands, listCommands } from './support/command-tree.ts';
import { CommandError, ExitStatus } from './support/exit-status.ts';
import type { Io } from './support/io.ts';
import { ownVersion } from './system/print-version.ts';

/** The program without commands. */
function bareProgram(io: Io): Command {
  const program = new Command('dmts')
    .description(PURPOSE)
    .version(ownVersion(), '-V, --version', "print dmts's version")
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp(HELP_LAYOUT)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns || WIDTH,
      getErrHelpWidth: () => io.stderr.columns || WIDTH,
      outputError: (text, write) => write(text.replace(/^error: /, 'dmts: ')),
    })
    .showHelpAfterError('"dmts --help" lists the commands.');
  addHelpParts(program, [
    NAMES,
    LIKE_DMSETUP,
    `${SIZES} ${TABLES}`,
    { title: 'Exit status:', terms: EXIT_STATUSES },
    { title: 'Environment:', terms: ENVIRONMENT },
    { title: 'Examples:', examples: PROGRAM_EXAMPLES },
  ]);
  return program;
}

/** Builds the program with the command that `argv` names, or with all commands. */
export async function programFor(argv: readonly string[], io: Io): Promise<Command> {
  const program = bareProgram(io);
  await addCommands(program, commands, argv, io);
  return program;
}

/** Command lines that print the list of commands and nothing else. */
const LISTS: readonly string[] = ['', 'help', '-h', '--help'];

/** Builds what the command line needs. A list of the commands does not need their modules. */
async function neededProgram(argv: readonly string[], io: Io): Promise<Command> {
  if (!LISTS.includes(argv.join(' '))) return programFor(argv, io);
  const program = bareProgram(io);
  listCommands(program, commands);
  return program;
}

/** Expands abbreviated long options of dmsetup's verbs, as getopt_long(3) does. */
function completed(program: Command, argv: readonly string[]): readonly string[] {
  const [verb, ...words] = argv;
  if (verb === undefined) return argv;
  const command = program.commands.find((one) => [one.name(), ...one.aliases()].includes(verb));
  if (command === undefined || entryOf(commands, command.name())?.own) return argv;
  return [verb, ...wholeOptions(command, words, { passThrough: command.name() === 'message' })];
}

/** `GROUP help COMMAND` as `GROUP COMMAND --help`. Help for an unknown command of the group fails. */
function helpOfGroup(program: Command, words: readonly string[]): readonly string[] {
  const group = program.commands.find((one) => one.name() === words[0]);
  if (group === undefined || group.commands.length === 0) return words;
  const [verb, ...rest] = words.slice(1);
  if (verb === 'help' && rest[0] !== undefined && !rest[0].startsWith('-'))
    return helpOfGroup(program, [group.name(), rest[0], '--help']);
  const isUnknown =
    verb !== undefined &&
    verb !== 'help' &&
    !verb.startsWith('-') &&
    !group.commands.some((one) => [one.name(), ...one.aliases()].includes(verb));
  return isUnknown ? [group.name(), verb] : words;
}

/** Parses `argv` and runs the command. */
export async function runProgram(argv: readonly string[], outer: Io): Promise<void> {
  // Not a copy: reading the property stdin opens it.
  const io: Io = Object.create(outer, { dmsetup: { value: {} } });
  const asked = verbFirst(argv);
  refuseMissing(asked);
  const program = await neededProgram(asked, io);
  const words = helpOfGroup(program, asked);
  try {
    await program.parseAsync(completed(program, words), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has reported the error. Its own exit status is always 1.
    if (error.exitCode !== 0) throw new CommandError('', ExitStatus.usage);
  }
}
