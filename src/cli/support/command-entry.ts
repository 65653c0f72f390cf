// The entries of the tables of commands.

import type { Command } from 'commander';
import type { Io } from './io.ts';

/** A table of commands by name. */
export type CommandEntries = ReadonlyMap<string, CommandEntry>;

/** Adds a command to the program. `all` is the table of the program's commands. */
export type Define = (program: Command, io: Io, all: CommandEntries) => void;

/** The module of a command. The module of a group also lists its subcommands. */
export interface CommandFile {
  readonly define: Define;
  readonly commands?: CommandEntries;
  /** The group's own options with a value. They may precede the subcommand. */
  readonly valueOptions?: readonly string[];
}

/** The command's module, and what is known without it. */
export interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<CommandFile>;
  /** The state after an interrupt. */
  readonly interrupted?: string;
  /** dmsetup has no command of that name. */
  readonly own?: true;
  /** Another name of the command. */
  readonly alias?: string;
}

/** Finds a command by name or alias. */
export const entryOf = (entries: CommandEntries, word: string): CommandEntry | undefined =>
  entries.get(word) ?? [...entries.values()].find(({ alias }) => alias === word);
