// dmts rename

import type { Command } from 'commander';
import { type DeviceOptions, takeDevice, withDeviceOptions } from '../select/select.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { changeOne } from './change.ts';

interface Options extends DeviceOptions, JsonOption, VerboseOption {
  readonly setuuid?: boolean;
}

/** `dmts rename` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'rename',
    usage: '[options] NAME NEW | NAME --setuuid UUID',
    details: 'A device without a uuid can get one. A uuid cannot change.',
    examples: ['dmts rename vol data', 'dmts rename vol --setuuid my-uuid'],
  })
    .argument('[words...]')
    .option('--setuuid', 'set the uuid instead of the name');
  withDeviceOptions(command).action(async (words: readonly string[], options: Options) => {
    const { ref, rest } = takeDevice(words, options);
    const [to, ...more] = rest;
    if (to === undefined || more.length > 0) {
      throw new UsageError(`expected NAME and the new ${options.setuuid ? 'uuid' : 'name'}`);
    }
    const { signal } = io;
    await changeOne(io, options, (dm) =>
      options.setuuid ? dm.setUuid(ref, to, { signal }) : dm.rename(ref, to, { signal }),
    );
  });
}
