// dmts resume

import type { Command } from 'commander';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { changeEach } from './change.ts';
import { type ReadAheadOption, setReadAhead, withReadAhead } from './read-ahead.ts';
import { type SuspendFlags, suspendOptions, withSuspendFlags } from './suspend-flags.ts';

type Options = SuspendFlags & ReadAheadOption;

/** `dmts resume` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'resume',
    details:
      'If the kernel rejects the inactive table, the command fails. dmts then resumes the device on its old table, if it has one. The error says which table is live, or that the device is suspended.',
    examples: ['dmts resume vol', 'dmts reload vol new-table.txt && dmts resume vol'],
  }).argument('[name...]', 'devices');
  withReadAhead(withSuspendFlags(command)).action((names: readonly string[], flags: Options) =>
    changeEach(io, names, flags, async (dm, ref) => {
      const info = await dm.resume(ref, suspendOptions(io, flags));
      setReadAhead(info.dev, flags, io);
      return info;
    }),
  );
}
