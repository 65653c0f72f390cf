// dmts setgeometry

import type { Command } from 'commander';
import { type DeviceOptions, takeDevice, withDeviceOptions } from '../select/select.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { wholeNumber } from '../support/numbers.ts';
import { changeOne } from './change.ts';

const PARSERS = [
  wholeNumber('CYLINDERS', 65_535),
  wholeNumber('HEADS', 255),
  wholeNumber('SECTORS', 255),
  wholeNumber('START', Number.MAX_SAFE_INTEGER),
];

/** `dmts setgeometry` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'setgeometry',
    usage: '[options] NAME CYLINDERS HEADS SECTORS START',
    examples: ['dmts setgeometry vol 16 255 63 0'],
  }).argument('[words...]');
  withDeviceOptions(command).action(
    async (words: readonly string[], options: DeviceOptions & JsonOption & VerboseOption) => {
      const { ref, rest } = takeDevice(words, options);
      if (rest.length !== PARSERS.length) {
        throw new UsageError('expected NAME CYLINDERS HEADS SECTORS START');
      }
      const [cylinders, heads, sectors, start] = rest.map((word, i) => PARSERS[i]!(word));
      await changeOne(io, options, async (dm) => {
        const geometry = { cylinders: cylinders!, heads: heads!, sectors: sectors!, start: start! };
        await dm.setGeometry(ref, geometry, { signal: io.signal });
        return dm.info(ref);
      });
    },
  );
}
