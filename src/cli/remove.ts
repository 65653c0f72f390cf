// dmts remove

import type { Command } from 'commander';
import { namingHolders } from './busy.ts';
import { type ChangeOptions, forEachDevice } from './change.ts';
import { describe } from './describe.ts';
import type { Io } from './io.ts';
import { deviceRecord } from './records.ts';
import { withDeviceOptions } from './select.ts';
import { withSelect } from './select-option.ts';

interface Options extends ChangeOptions {
  readonly force?: boolean;
  readonly retry?: boolean;
  readonly deferred?: boolean;
}

/** libdevmapper tries 25 times, 200 ms apart: that many pauses are between them. */
const RETRY_MS = 24 * 200;

/** `dmts remove` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'remove',
    summary: 'Remove devices',
    details:
      'A device that is open is busy (exit status 4), unless --deferred; the error says who has it open.',
    examples: ['dmts remove vol', 'dmts remove --retry vol', 'dmts remove --deferred vol'],
  })
    .argument('[name...]', 'devices')
    .option('-f, --force', 'first let all its I/O fail, so that nothing can hang on it')
    .option('--retry', `while it is busy try again, for ${RETRY_MS / 1000} seconds`)
    .option('--deferred', 'if it is busy, let it go when its last user has gone');
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
      // Not an error, and not what "removed" says either.
      if (removed.deferred) {
        io.stderr.write(`dmts: ${info.name} is open: it goes when its last user has gone\n`);
      }
      return { ...deviceRecord(info), deferredRemove: removed.deferred };
    }),
  );
}
