// What `suspend` and `resume` have in common.

import type { Command } from 'commander';
import type { SuspendOptions } from '../dm/device-commands.ts';
import type { ChangeOptions } from './change.ts';
import type { Io } from './io.ts';
import { withDeviceOptions } from './select.ts';
import { withSelect } from './select-option.ts';

/** The options of both. */
export interface SuspendFlags extends ChangeOptions {
  readonly noflush?: boolean;
  readonly nolockfs?: boolean;
}

/** Add the options of both. */
export const withSuspendFlags = (command: Command): Command =>
  withSelect(
    withDeviceOptions(command)
      .option('--noflush', 'leave queued I/O queued instead of waiting for it')
      .option('--nolockfs', 'do not freeze the filesystem on the device'),
  );

/** The options as the library takes them. */
export const suspendOptions = (io: Io, flags: SuspendFlags): SuspendOptions => ({
  noFlush: flags.noflush ?? false,
  skipLockFs: flags.nolockfs ?? false,
  signal: io.signal,
});
