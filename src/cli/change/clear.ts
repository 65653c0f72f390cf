// dmts clear

import type { Command } from 'commander';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { type ChangeOptions, changeEach } from './change.ts';

/** `dmts clear` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'clear',
    examples: ['dmts clear vol'],
  }).argument('[name...]', 'devices');
  withSelect(withDeviceOptions(command)).action(
    (names: readonly string[], options: ChangeOptions) =>
      changeEach(io, names, options, (dm, ref) => dm.clear(ref, { signal: io.signal })),
  );
}
