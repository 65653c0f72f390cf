// The common options of `suspend` and `resume`.

import type { Command } from 'commander';
import type { SuspendOptions } from '../../dm/device/options.ts';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import type { Io } from '../support/io.ts';
import type { ChangeOptions } from './change.ts';

/** The common options. */
export interface SuspendFlags extends ChangeOptions {
  readonly noflush?: boolean;
  readonly nolockfs?: boolean;
}

/** Adds the common options to a command. */
export const withSuspendFlags = (command: Command): Command =>
  withSelect(
    withDeviceOptions(command)
      .option('--noflush', 'do not wait for queued I/O')
      .option('--nolockfs', 'do not freeze the filesystem on the device'),
  );

/** Converts the options for the library. */
export const suspendOptions = (io: Io, flags: SuspendFlags): SuspendOptions => ({
  noFlush: flags.noflush ?? false,
  skipLockFs: flags.nolockfs ?? false,
  signal: io.signal,
});
