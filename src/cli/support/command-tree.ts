// Subcommands such as `dmts pool create`. Only the modules that a command line needs are loaded.

import type { Command } from 'commander';
import { type CommandEntries, type CommandFile, entryOf } from './command-entry.ts';
import { summarize } from './describe.ts';
import { addDmsetupOptions } from './dmsetup-options.ts';
import type { Io } from './io.ts';

/**
 * Adds to `program` the entry that `words` name, or all `entries`, and their subcommands likewise. `all` is the table of
 * the program's commands.
 */
export async function addCommands(
  program: Command,
  entries: CommandEntries,
  words: readonly string[],
  io: Io,
  all: CommandEntries = entries,
): Promise<void> {
  const [word = '', ...rest] = words;
  const asked = entryOf(entries, word);
  for (const { summary, load, own, alias } of asked ? [asked] : entries.values()) {
    const file = await load();
    file.define(program, io, all);
    const command = summarize(program.commands.at(-1)!, summary);
    if (alias !== undefined) command.alias(alias);
    if (entries === all && !own) addDmsetupOptions(command, io.dmsetup ?? {});
    if (file.commands === undefined) continue;
    await addCommands(command, file.commands, asked ? behindOptions(rest, file) : [], io, all);
  }
}

/** Adds the names and the summaries of all `entries` to `program`, for a list of them. Loads no module. */
export function listCommands(program: Command, entries: CommandEntries): void {
  for (const [name, { summary }] of entries) program.command(name).summary(summary);
}

/** Describes the state after an interrupt of the command that `words` name. */
export async function leftBehind(
  words: readonly string[],
  entries: CommandEntries,
): Promise<string | undefined> {
  const [word = '', ...rest] = words;
  const entry = entryOf(entries, word);
  if (entry === undefined || entry.interrupted !== undefined) return entry?.interrupted;
  const file: CommandFile = await entry.load();
  return file.commands && leftBehind(behindOptions(rest, file), file.commands);
}

/** Skips the options of a group, some of which have a value, and returns the rest of `words`. */
function behindOptions(
  words: readonly string[],
  { valueOptions = [] }: Pick<CommandFile, 'valueOptions'>,
): readonly string[] {
  const [word, ...rest] = words;
  if (!word?.startsWith('-')) return words;
  return behindOptions(valueOptions.includes(word) ? rest.slice(1) : rest, { valueOptions });
}
