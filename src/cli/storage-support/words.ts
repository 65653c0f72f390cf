// The arguments and options that select a storage and a layer.

import { type Command, Option } from 'commander';
import { checkLayerName } from '../../storage/directory/layout.ts';
import { type Description, describe } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';

/** The options with a value of the group and of each of its commands. */
export const VALUE_OPTIONS: readonly string[] = ['--root', '--storage-opt'];

interface Flags {
  readonly root?: string;
  readonly storageOpt?: readonly string[];
  readonly acceptPool?: boolean;
}

const acceptPool = (): Option =>
  new Option('--accept-pool', 'accept a pool that is older or newer than the records');

/** Adds the options that select the storage. */
export const withStorageOptions = (command: Command): Command =>
  withPlaceOptions(command).addOption(acceptPool());

const withPlaceOptions = (command: Command): Command =>
  command
    .option('--root <dir>', "directory of the storage; Docker's is /var/lib/docker/devicemapper")
    .option(
      '--storage-opt <name=value>',
      'an option of the storage, as for dockerd; repeatable',
      (word: string, before: readonly string[] = []) => [...before, word],
    );

/** Adds a command with the storage options to the group. */
export const describeStorage = (group: Command, description: Description): Command =>
  withStorageOptions(describe(group, description));

/** The same for a command that only reads. It shows any pool, so its help omits `--accept-pool`. */
export const describeQuery = (group: Command, description: Description): Command =>
  withPlaceOptions(describe(group, description)).addOption(acceptPool().hideHelp());

/** The selected storage, and how to open it. */
export interface StoragePlace {
  readonly root: string;
  readonly storageOptions: readonly string[];
  readonly acceptPool: boolean;
}

/** Merges the options before and after the subcommand. @throws UsageError without --root */
export function placeOf(command: Command): StoragePlace {
  const before: Flags = command.parent?.opts() ?? {};
  const behind: Flags = command.opts();
  const root = behind.root ?? before.root;
  if (root === undefined || root === '') {
    throw new UsageError(
      "missing --root DIR, the directory of the storage; Docker's is /var/lib/docker/devicemapper",
    );
  }
  return {
    root,
    storageOptions: [...(before.storageOpt ?? []), ...(behind.storageOpt ?? [])],
    acceptPool: behind.acceptPool ?? before.acceptPool ?? false,
  };
}

/** Parses a layer id. @throws StorageError ERR_LAYER_ID */
export function parseLayerId(text: string): string {
  checkLayerName(text);
  return text;
}

/** Adds the argument ID. */
export const withId = (command: Command): Command =>
  command.argument('<id>', 'the layer', parseLayerId);

/** Adds the arguments ID and PARENT. @param parent the meaning of PARENT for the command */
export const withIdAndParent = (command: Command, parent = 'the layer to compare with'): Command =>
  withId(command).argument('[parent]', parent, parseLayerId);
