// The command line as commander parses it.

import { Command, CommanderError } from 'commander';
import { addCommands } from './command-tree.ts';
import { commands } from './commands.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import type { Io } from './io.ts';
import { ownVersion } from './own-version.ts';

const AFTER = `
NAME is a device's name, or the path of its node; most commands take --uuid or --major and --minor instead.

Exit status:
  0  done
  1  the kernel or the system refused it
  2  the command line or the table is wrong
  3  there is no such device
  4  it is busy
  5  not permitted
  6  this kernel has no device mapper
  130  interrupted
  143  terminated

Environment:
  DM_DEV_DIR   where device nodes are, instead of /dev
  DM_DEFAULT_NAME_MANGLING_MODE  auto, hex or none: how unusual characters in names are written
  DM_DISABLE_UDEV  set to anything: do not wait for udev
  DM_UDEV_COOKIE   count on this cookie, and leave the waiting to whoever made it
  DEBUG=dmts:* shows every request to the kernel, and stacks

Examples:
  dmts ls
  dmts create scratch --table "0 2048 zero"
  dmts status --json
  dmts remove scratch`;

/** The program with the one command that `argv` asks for, or with all of them. */
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

/** Parse `argv` and carry it out. */
export async function runProgram(argv: readonly string[], io: Io): Promise<void> {
  const program = await programFor(argv, io);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said it. Its own status for all of them is 1.
    if (error.exitCode !== 0) throw new CommandError('', ExitStatus.usage);
  }
}
