// dmts clear

import type { Command } from 'commander';
import { type ChangeOptions, changeEach } from './change.ts';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { withDeviceOptions } from './select.ts';
import { withSelect } from './select-option.ts';

/** `dmts clear` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'clear',
    summary: 'Drop the inactive table of devices',
    examples: ['dmts clear vol'],
  }).argument('[name...]', 'devices');
  withSelect(withDeviceOptions(command)).action(
    (names: readonly string[], options: ChangeOptions) =>
      changeEach(io, names, options, (dm, ref) => dm.clear(ref, { signal: io.signal })),
  );
}
