// Parses the command line with commander.

import { Command, CommanderError } from 'commander';
import { refuseMissing, verbFirst, wholeOptions } from './argv.ts';
import { commands } from './commands.ts';
import { ownVersion } from './other/own-version.ts';
import { entryOf } from './support/command-entry.ts';
import { addCommands } from './support/command-tree.ts';
import { CommandError, ExitStatus } from './support/exit-status.ts';
import type { Io } from './support/io.ts';

const AFTER = `
NAME is a device's name, or the path of its node; most commands take -u UUID, or -j MAJOR -m MINOR, instead.
Verbs and options of dmsetup work as in dmsetup. Options may precede the verb.

SIZE is a number with a unit: b or none for bytes, s for sectors of 512 bytes, k m g t p e or KiB to EiB for powers
of 1024, kB to EB for powers of 1000. Where a command takes +SIZE, it is relative. Sizes are printed in the same units.
Tables are in sectors, as for dmsetup.

Exit status:
  0  done
  1  failed: the kernel or the system refused it
  2  wrong usage: the command line or the table is invalid
  3  there is no such device
  4  it is busy
  5  not permitted
  6  no access to the device mapper
  130  interrupted
  143  terminated

Environment:
  DM_DEV_DIR   the directory of device nodes, instead of /dev
  DM_DEFAULT_NAME_MANGLING_MODE  auto, hex or none: how unusual characters in names are written
  LC_ALL, LC_CTYPE, LANG  the first one set decides whether trees and bars use characters beyond ASCII
  DM_DISABLE_UDEV  set to anything: do not wait for udev
  DM_UDEV_COOKIE   use this cookie; the program that created it waits for udev
  DEBUG=dmts:* prints every request to the kernel, and stack traces

Examples:
  dmts ls
  dmts create scratch --table "0 2048 zero"
  dmts status --json
  dmts remove scratch`;

/** Builds the program with the command that `argv` names, or with all commands. */
async function programFor(argv: readonly string[], io: Io): Promise<Command> {
  const program = new Command('dmts')
    .description('Drive the Linux device mapper')
    .version(ownVersion(), '-V, --version', "print dmts's version")
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'dmts: ')),
    })
    .showHelpAfterError('"dmts --help" lists the commands.')
    .addHelpText('after', AFTER);
  await addCommands(program, commands, argv, io);
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
  const program = await programFor(asked, io);
  const words = helpOfGroup(program, asked);
  try {
    await program.parseAsync(completed(program, words), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has reported the error. Its own exit status is always 1.
    if (error.exitCode !== 0) throw new CommandError('', ExitStatus.usage);
  }
}
