// The option that selects a directory of volumes, and the arguments that name volumes.

import type { Command } from 'commander';
import { type Description, describe } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';

/** The options with a value of the group and of each of its commands. */
export const VALUE_OPTIONS: readonly string[] = ['--dir'];

/** Adds the option that selects the directory. */
export const withDir = (command: Command): Command =>
  command.option('--dir <dir>', 'directory of the volumes');

/** Adds a command with that option to the group. */
export const describeVolume = (group: Command, description: Description): Command =>
  withDir(describe(group, description));

/** The directory, from the option before or after the subcommand. @throws UsageError without it */
export function dirOf(command: Command): string {
  const before: { readonly dir?: string } = command.parent?.opts() ?? {};
  const behind: { readonly dir?: string } = command.opts();
  const dir = behind.dir ?? before.dir;
  if (dir !== undefined && dir !== '') return dir;
  throw new UsageError('missing --dir DIR, the directory of the volumes');
}

/** Adds the argument NAME. */
export const withName = (command: Command): Command => command.argument('<name>', 'the volume');
