// dmts resume

import type { Command } from 'commander';
import { changeEach } from './change.ts';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { type SuspendFlags, suspendOptions, withSuspendFlags } from './suspend-flags.ts';

/** `dmts resume` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'resume',
    summary: 'Let I/O of devices through, with the inactive table if there is one',
    details:
      'When the kernel refuses the inactive table the device is resumed on its old one, and the command fails.',
    examples: ['dmts resume vol', 'dmts reload vol new-table.txt && dmts resume vol'],
  }).argument('[name...]', 'devices');
  withSuspendFlags(command).action((names: readonly string[], flags: SuspendFlags) =>
    changeEach(io, names, flags, (dm, ref) => dm.resume(ref, suspendOptions(io, flags))),
  );
}
