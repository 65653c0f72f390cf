// dmts wipe_table

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { SuspendOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { DeviceRef } from '../../dm/wire/device-ref.ts';
import { describe } from '../support/describe.ts';
import { CommandError, ExitStatus } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { changeEach } from './change.ts';
import { type SuspendFlags, suspendOptions, withSuspendFlags } from './suspend-flags.ts';

interface Options extends SuspendFlags {
  readonly force?: boolean;
}

/** Replaces the device's table with one on which all I/O fails. */
export async function wipeTable(
  dm: DeviceMapper,
  ref: DeviceRef,
  options: SuspendOptions,
): Promise<DeviceInfo> {
  const { info, targets } = await dm.table(ref, { noFlush: true, signal: options.signal });
  const last = targets.at(-1);
  if (last === undefined) {
    throw new CommandError(`cannot wipe '${info.name}': it has no table`, ExitStatus.failed);
  }
  const table = [{ length: last.start + last.length, type: 'error', params: '' }];
  return dm.reload({ dev: info.dev }, table, { ...options, readOnly: info.readOnly });
}

/** `dmts wipe_table` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'wipe_table',
    details:
      'It waits for running I/O, and releases the devices below. Their data stays, but is no longer reachable through the device.',
    examples: ['dmts wipe_table vol', 'dmts wipe_table --force vol'],
  })
    .argument('[name...]', 'devices')
    .option('-f, --force', 'do not wait for I/O, and do not freeze a filesystem');
  withSuspendFlags(command).action((names: readonly string[], flags: Options) => {
    const { force } = flags;
    const all = force ? { ...flags, noflush: true, nolockfs: true } : flags;
    return changeEach(io, names, flags, (dm, ref) => wipeTable(dm, ref, suspendOptions(io, all)));
  });
}
