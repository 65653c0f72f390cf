// dmts remove

import type { Command } from 'commander';
import { withDeviceOptions } from '../select/select.ts';
import { withSelect } from '../select/select-option.ts';
import { namingHolders } from '../support/busy.ts';
import { describe } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord } from '../support/json.ts';
import { type ChangeOptions, forEachDevice } from './change.ts';

interface Options extends ChangeOptions {
  readonly force?: boolean;
  readonly retry?: boolean;
  readonly deferred?: boolean;
}

/** The time of libdevmapper's 25 attempts, which are 200 ms apart. */
const RETRY_MS = 24 * 200;

/** `dmts remove` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'remove',
    details:
      'An open device is busy: the command fails with exit status 4 and names the holders. With --deferred the command succeeds, and the kernel removes the device after the last close.',
    examples: ['dmts remove vol', 'dmts remove --retry vol', 'dmts remove --deferred vol'],
  })
    .argument('[name...]', 'names of the devices')
    .option(
      '-f, --force',
      'first replace the table of the device with one on which all I/O fails, so that no process hangs',
    )
    .option('--retry', `if the device is busy, retry for ${RETRY_MS / 1000} seconds`)
    .option(
      '--deferred',
      'if the device is busy, the kernel removes it after its last holder closes it',
    );
  withSelect(withDeviceOptions(command)).action((names: readonly string[], options: Options) =>
    forEachDevice(io, names, options, async (dm, ref) => {
      const { force = false, retry = false, deferred = false } = options;
      const info = await dm.info(ref);
      const removed = await namingHolders(io, info.dev, () =>
        dm.remove(ref, {
          force,
          deferred,
          retryMs: retry ? RETRY_MS : 0,
          signal: io.signal,
        }),
      );
      // A deferred removal is not an error.
      if (removed.deferred) {
        io.stderr.write(
          `dmts: ${info.name} is open: the kernel removes it when the last holder closes it\n`,
        );
      }
      return { ...deviceRecord(info), deferredRemove: removed.deferred };
    }),
  );
}
