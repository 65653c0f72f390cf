// dmts suspend

import type { Command } from 'commander';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { changeEach } from './change.ts';
import { type SuspendFlags, suspendOptions, withSuspendFlags } from './suspend-flags.ts';

/** `dmts suspend` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'suspend',
    details:
      'It freezes a filesystem on the device. If interrupted, it does not suspend the device.',
    examples: ['dmts suspend vol', 'dmts suspend --noflush --nolockfs vol', 'dmts resume vol'],
  }).argument('[name...]', 'devices');
  withSuspendFlags(command).action((names: readonly string[], flags: SuspendFlags) =>
    changeEach(io, names, flags, (dm, ref) => dm.suspend(ref, suspendOptions(io, flags))),
  );
}
