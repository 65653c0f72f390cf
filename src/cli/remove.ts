// dmts remove

import type { Command } from 'commander';
import { describe, type JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { deviceRecord } from './records.ts';
import { type DeviceOptions, demandDevices, withDeviceOptions } from './select.ts';
import { withDeviceMapper } from './session.ts';

interface Options extends DeviceOptions, JsonOption {
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
    details: 'A device that is open is busy (exit status 4), unless --deferred.',
    examples: ['dmts remove vol', 'dmts remove --retry vol', 'dmts remove --deferred vol'],
  })
    .argument('[name...]', 'devices')
    .option('-f, --force', 'first let all its I/O fail, so that nothing can hang on it')
    .option('--retry', `while it is busy try again, for ${RETRY_MS / 1000} seconds`)
    .option('--deferred', 'if it is busy, let it go when its last user has gone');
  withDeviceOptions(command).action(async (names: readonly string[], options: Options) => {
    const { force = false, retry = false, deferred = false } = options;
    const refs = demandDevices(names, options);
    await withDeviceMapper(io, { threads: true }, async (dm) => {
      const records: unknown[] = [];
      for (const ref of refs) {
        const info = await dm.info(ref);
        const removed = await dm.remove(ref, {
          force,
          deferred,
          retryMs: retry ? RETRY_MS : 0,
          signal: io.signal,
        });
        records.push({ ...deviceRecord(info), deferredRemove: removed.deferred });
        // Not an error, and not what "removed" says either.
        if (removed.deferred) {
          io.stderr.write(`dmts: ${info.name} is open: it goes when its last user has gone\n`);
        }
      }
      if (options.json) printJson(io, records.length === 1 ? records[0] : records);
    });
  });
}
