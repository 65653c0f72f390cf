// dmts remove_all

import type { Command } from 'commander';
import type { DeviceEntry } from '../dm/device-commands.ts';
import { askYes } from './confirm.ts';
import { describe, type JsonOption } from './describe.ts';
import { UsageError } from './exit-status.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { entryRecord } from './records.ts';
import { withDeviceMapper } from './session.ts';

interface Options extends JsonOption {
  readonly deferred?: boolean;
  readonly yes?: boolean;
}

/** `dmts remove_all` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'remove_all',
    summary: 'Remove every device that is not open',
    details: 'On a terminal it asks first; without one it demands --yes.',
    examples: ['dmts remove_all', 'dmts remove_all --yes', 'dmts remove_all --deferred --yes'],
  })
    .option('--deferred', 'let those that are open go when their last user has gone')
    .option('-y, --yes', 'do not ask')
    .action(async (options: Options) => {
      if (!options.yes && !io.isTTY) {
        throw new UsageError(
          'remove_all removes every device that is not open: if that is meant, add --yes',
        );
      }
      await withDeviceMapper(io, { threads: true }, async (dm) => {
        if (!options.yes) await confirm(io, await dm.list());
        await dm.removeAll({ deferred: options.deferred ?? false, signal: io.signal });
        const left = await dm.list();
        if (options.json) printJson(io, left.map(entryRecord));
        if (left.length > 0) io.stderr.write(`dmts: in use, and still there: ${namesOf(left)}\n`);
      });
    });
}

const namesOf = (devices: readonly DeviceEntry[]): string =>
  devices.map(({ name }) => name).join(', ');

async function confirm(io: Io, devices: readonly DeviceEntry[]): Promise<void> {
  if (devices.length === 0) return;
  const question = `This removes ${devices.length} devices: ${namesOf(devices)}`;
  await askYes(io, question, 'nothing was removed');
}
