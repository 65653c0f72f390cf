// The words that say which storage is meant, and which layer.

import type { Command } from 'commander';
import { checkLayerName } from '../../storage/layout.ts';
import { type Description, describe } from '../describe.ts';
import { UsageError } from '../exit-status.ts';

/** Options that have a value, of the group and of each command in it. */
export const VALUE_OPTIONS: readonly string[] = ['--root', '--storage-opt'];

interface Flags {
  readonly root?: string;
  readonly storageOpt?: readonly string[];
  readonly acceptPool?: boolean;
}

/** Add the options that say which storage is meant. */
export const withStorageOptions = (command: Command): Command =>
  command
    .option('--root <dir>', "directory of the storage; Docker's is /var/lib/docker/devicemapper")
    .option(
      '--storage-opt <name=value>',
      'an option of the storage, as for dockerd; several times if need be',
      (word: string, before: readonly string[] = []) => [...before, word],
    )
    .option('--accept-pool', 'go on with a pool that is older or newer than the records');

/** Add a command to the group, with its options. */
export const describeStorage = (group: Command, description: Description): Command =>
  withStorageOptions(describe(group, description));

/** Which storage, and how it is opened. */
export interface StoragePlace {
  readonly root: string;
  readonly storageOptions: readonly string[];
  readonly acceptPool: boolean;
}

/** What the options say, before the command and behind it. @throws UsageError without --root */
export function placeOf(command: Command): StoragePlace {
  const before: Flags = command.parent?.opts() ?? {};
  const behind: Flags = command.opts();
  const root = behind.root ?? before.root;
  if (root === undefined || root === '') {
    throw new UsageError(
      "which storage? Give its directory with --root: Docker's is /var/lib/docker/devicemapper",
    );
  }
  return {
    root,
    storageOptions: [...(before.storageOpt ?? []), ...(behind.storageOpt ?? [])],
    acceptPool: behind.acceptPool ?? before.acceptPool ?? false,
  };
}

/** The parser of a layer's id. @throws StorageError ERR_LAYER_ID */
export function parseLayerId(text: string): string {
  checkLayerName(text);
  return text;
}

/** Add the argument ID. */
export const withId = (command: Command): Command =>
  command.argument('<id>', 'the layer', parseLayerId);

/** Add the arguments ID and PARENT. */
export const withIdAndParent = (command: Command): Command =>
  withId(command).argument('[parent]', 'the layer to compare it with', parseLayerId);
