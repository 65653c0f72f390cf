// dmts wipe_table

import type { Command } from 'commander';
import type { SuspendOptions } from '../dm/device-commands.ts';
import type { DeviceInfo } from '../dm/device-info.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import type { DeviceRef } from '../dm/device-ref.ts';
import { changeEach } from './change.ts';
import { describe } from './describe.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import type { Io } from './io.ts';
import { type SuspendFlags, suspendOptions, withSuspendFlags } from './suspend-flags.ts';

interface Options extends SuspendFlags {
  readonly force?: boolean;
}

/** Put a table on which all I/O fails in place of the device's own. */
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
    summary: 'Replace the table of devices by one on which all I/O fails',
    details:
      'It waits for the I/O that is under way, and lets go of the devices below. What they hold stays, and is out of reach of whoever uses the device.',
    examples: ['dmts wipe_table vol', 'dmts wipe_table --force vol'],
  })
    .argument('[name...]', 'devices')
    .option('-f, --force', 'wait for no I/O, and freeze no filesystem');
  withSuspendFlags(command).action((names: readonly string[], flags: Options) => {
    const { force } = flags;
    const all = force ? { ...flags, noflush: true, nolockfs: true } : flags;
    return changeEach(io, names, flags, (dm, ref) => wipeTable(dm, ref, suspendOptions(io, all)));
  });
}
