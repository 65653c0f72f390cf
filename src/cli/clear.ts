// dmts clear

import type { Command } from 'commander';
import { changeEach } from './change.ts';
import { describe, type JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { type DeviceOptions, withDeviceOptions } from './select.ts';

/** `dmts clear` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'clear',
    summary: 'Drop the inactive table of devices',
    examples: ['dmts clear vol'],
  }).argument('[name...]', 'devices');
  withDeviceOptions(command).action(
    (names: readonly string[], options: DeviceOptions & JsonOption) =>
      changeEach(io, names, options, (dm, ref) => dm.clear(ref, { signal: io.signal })),
  );
}
