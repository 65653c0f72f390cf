// Every option of the backend by name, and the parser of `NAME=VALUE`.

import type { Bytes } from '../../dm/text/units.ts';
import { StorageError } from './errors.ts';
import {
  blockSize,
  bool,
  integer,
  oneOf,
  percent,
  size,
  text,
  u64,
  type ValueKind,
} from './option-values.ts';

const path = text('a path');

/** Every option, by its name after `dm.`, and the type of its values. */
interface OptionValues {
  readonly basesize: Bytes;
  readonly loopdatasize: Bytes;
  readonly loopmetadatasize: Bytes;
  readonly fs: 'ext4' | 'xfs';
  readonly mkfsarg: string;
  readonly mountopt: string;
  readonly datadev: string;
  readonly metadatadev: string;
  readonly blkdiscard: boolean;
  readonly blocksize: Bytes;
  readonly thinpooldev: string;
  readonly override_udev_sync_check: boolean;
  readonly use_deferred_removal: boolean;
  readonly use_deferred_deletion: boolean;
  readonly min_free_space: number;
  readonly xfs_nospace_max_retries: bigint;
  readonly directlvm_device: string;
  readonly directlvm_device_force: boolean;
  readonly thinp_percent: number;
  readonly thinp_metapercent: number;
  readonly thinp_autoextend_threshold: number;
  readonly thinp_autoextend_percent: number;
  readonly libdm_log_level: number;
}

/** The name of an option, without `dm.`. */
export type OptionName = keyof OptionValues;
/** The values of an option. */
export type ValueOf<Name extends OptionName> = OptionValues[Name];
/** The values of each option, in the order in which they were given. */
export type GivenOptions = { readonly [Name in OptionName]?: readonly ValueOf<Name>[] };

const OPTIONS: { readonly [Name in OptionName]: ValueKind<OptionValues[Name]> } = {
  basesize: size,
  loopdatasize: size,
  loopmetadatasize: size,
  fs: oneOf('ext4', 'xfs'),
  mkfsarg: text('an argument for mkfs'),
  mountopt: text('mount options, separated by commas'),
  datadev: path,
  metadatadev: path,
  blkdiscard: bool,
  blocksize: blockSize,
  thinpooldev: text('the name of a thin pool, or its path below /dev/mapper'),
  override_udev_sync_check: bool,
  use_deferred_removal: bool,
  use_deferred_deletion: bool,
  min_free_space: percent(99, 'required'),
  xfs_nospace_max_retries: u64,
  directlvm_device: path,
  directlvm_device_force: bool,
  thinp_percent: percent(99, 'optional'),
  thinp_metapercent: percent(99, 'optional'),
  thinp_autoextend_threshold: percent(100, 'optional'),
  thinp_autoextend_percent: percent(100, 'optional'),
  libdm_log_level: integer(2, 7),
};

/** The names of all options, `dm.` included. */
export const STORAGE_OPTION_NAMES: readonly string[] = Object.keys(OPTIONS).map(
  (name) => `dm.${name}`,
);

/** The error for an option. */
export const refuseOption = (subject: string, problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_STORAGE_OPTION', subject, problem, hint });

const isOption = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

/** Parses `NAME=VALUE` words. @throws StorageError ERR_STORAGE_OPTION */
export function readOptions(words: readonly string[]): GivenOptions {
  const given: Partial<Record<OptionName, unknown[]>> = {};
  for (const word of words) {
    const [, key, value] = /^([^=]*)=(.*)$/s.exec(word)?.map((part) => part.trim()) ?? [];
    if (key === undefined || value === undefined) {
      throw refuseOption(
        'storage option',
        `expected NAME=VALUE, got ${JSON.stringify(word)}`,
        `The options are ${STORAGE_OPTION_NAMES.join(', ')}`,
      );
    }
    const name = key.toLowerCase().replace(/^dm\./, '');
    if (!key.toLowerCase().startsWith('dm.') || !isOption(name)) {
      throw refuseOption(
        'storage option',
        `unknown option ${JSON.stringify(key)}`,
        `The options are ${STORAGE_OPTION_NAMES.join(', ')}`,
      );
    }
    const kind: ValueKind<unknown> = OPTIONS[name];
    const parsed = kind.parse(value);
    if (parsed === undefined) {
      throw refuseOption(`dm.${name}`, `expected ${kind.expected}, got ${JSON.stringify(value)}`);
    }
    given[name] ??= [];
    given[name].push(parsed);
  }
  return given as GivenOptions;
}
