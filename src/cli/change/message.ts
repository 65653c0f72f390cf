// dmts message

import type { Command } from 'commander';
import { type DeviceOptions, takeDevice, withDeviceOptions } from '../select/select.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

/** `dmts message` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'message',
    usage: '[options] NAME SECTOR WORD...',
    details:
      'Use sector 0 if the sector does not matter. Options come before NAME: all words after SECTOR belong to the message, even if they begin with a hyphen. A message that begins with @ goes to the device mapper itself.',
    examples: [
      'dmts message pool 0 create_thin 7',
      'dmts message vol 0 @stats_list',
      'dmts message --json pool 0 reserve_metadata_snap',
    ],
  })
    .argument('[words...]')
    .passThroughOptions();
  withDeviceOptions(command).action(
    async (words: readonly string[], options: DeviceOptions & JsonOption) => {
      const { ref, rest } = takeDevice(words, options);
      const [sector = '', ...text] = rest;
      if (!/^\d+$/.test(sector) || text.length === 0) {
        throw new UsageError('expected NAME SECTOR WORD..., SECTOR a whole number');
      }
      const response = await withDeviceMapper(io, { threads: true }, (dm) =>
        dm.message(ref, text.join(' '), {
          sector: BigInt(sector),
          core: true,
          signal: io.signal,
        }),
      );
      if (options.json) printJson(io, { response });
      else if (response) io.stdout.write(response.endsWith('\n') ? response : `${response}\n`);
    },
  );
}
