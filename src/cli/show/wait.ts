// dmts wait

import type { Command } from 'commander';
import { printChanged } from '../change/change.ts';
import { type DeviceOptions, takeDevice, withDeviceOptions } from '../select/select.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { VerboseOption } from '../support/dmsetup-options.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { wholeNumber } from '../support/numbers.ts';
import { withDeviceMapper } from '../support/session.ts';
import { statusRecord } from './targets-text.ts';

interface Options extends DeviceOptions, JsonOption, VerboseOption {
  readonly noflush?: boolean;
}

const EVENT_NR_MAX = 0xffff_ffff;
const parseEventNr = wholeNumber('EVENT_NR', EVENT_NR_MAX);

/** `dmts wait` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'wait',
    usage: '[options] NAME [EVENT_NR]',
    details:
      'EVENT_NR defaults to 0. With the counter that "dmts info" shows, it waits for the next event. With -v it then prints the device, including the counter.',
    examples: ['dmts wait pool 5', 'dmts wait pool $(dmts info pool --json | jq .eventNr)'],
  })
    .argument('[words...]')
    .option('--noflush', 'do not make a thin pool commit its metadata');
  withDeviceOptions(command).action(async (words: readonly string[], options: Options) => {
    const { ref, rest } = takeDevice(words, options);
    const [eventNr = '0', ...more] = rest;
    if (more.length > 0)
      throw new UsageError(`unexpected argument "${more[0]}": expected NAME [EVENT_NR]`);
    // Only the wait itself uses a thread: the rest is faster without.
    const status = await withDeviceMapper(io, { threads: false }, (dm) =>
      dm.wait(ref, {
        eventNr: parseEventNr(eventNr),
        noFlush: options.noflush ?? false,
        signal: io.signal,
      }),
    );
    printChanged(io, options, status.info);
    if (options.json) printJson(io, statusRecord(status));
  });
}
