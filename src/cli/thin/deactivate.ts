// dmts thin deactivate

import type { Command } from 'commander';
import { parseTimeout, withPool, withPoolAndId } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

interface Options extends JsonOption {
  readonly timeout?: number;
  readonly deferred?: boolean;
}

/** `dmts thin deactivate` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'deactivate',
    details:
      'A thin device in use is busy (exit status 4), and the error names its holders. An inactive one is not an error.',
    examples: [
      'dmts thin deactivate tank 1',
      'dmts thin deactivate tank 1 --timeout 10 --deferred',
    ],
  });
  withPoolAndId(command)
    .option('--timeout <seconds>', 'if the thin device is busy, retry for this long', parseTimeout)
    .option('--deferred', 'if it is still busy, remove it once its last holder closes it')
    .action(async (name: string, id: number, options: Options) => {
      const { timeout: timeoutMs = 0, deferred = false, json } = options;
      const outcome = await withPool(io, name, (pool) =>
        pool.deactivateThin(id, { timeoutMs, deferred, signal: io.signal }),
      );
      // Not an error, but not yet deactivated either.
      if (outcome.deferred) {
        io.stderr.write(
          `dmts: thin device ${id} is open: the kernel removes it when the last holder closes it\n`,
        );
      }
      if (json) printJson(io, { pool: name, id, deferred: outcome.deferred });
    });
}
