// dmts remove_all

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceEntry } from '../../dm/reply/device-info.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { holdersText } from '../support/busy.ts';
import { askYes } from '../support/confirm.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { entryRecord, printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';
import { wipeTable } from './wipe-table.ts';

interface Options extends JsonOption {
  readonly deferred?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
}

/** `dmts remove_all` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'remove_all',
    details: 'The command asks for confirmation on a terminal, and requires --yes elsewhere.',
    examples: ['dmts remove_all', 'dmts remove_all --yes', 'dmts remove_all --deferred --yes'],
  })
    .option('--deferred', 'remove open devices once their last holder closes them')
    .option(
      '-f, --force',
      'replace the table of open devices with one on which all I/O fails, and retry once',
    )
    .option('-y, --yes', 'do not ask')
    .action(async (options: Options) => {
      if (!options.yes && !io.isTTY) {
        throw new UsageError(
          'remove_all removes every device that is not open; to confirm, add --yes',
        );
      }
      await withDeviceMapper(io, { threads: true }, async (dm) => {
        if (!options.yes) await confirm(io, await dm.list(), options);
        const { deferred = false, force = false } = options;
        await dm.removeAll({ deferred, signal: io.signal });
        if (force) await forceRest(io, dm, deferred);
        const left = await dm.list();
        if (options.json) printJson(io, left.map(entryRecord));
        if (left.length > 0) {
          io.stderr.write(`dmts: in use and not removed: ${await heldText(io, left)}\n`);
        }
      });
    });
}

/**
 * Replaces the tables of the remaining devices with tables on which all I/O fails, and removes the devices that are
 * then not open. A replaced table releases the devices below it. dmsetup does the same.
 */
async function forceRest(io: Io, dm: DeviceMapper, deferred: boolean): Promise<void> {
  const left = await dm.list();
  for (const { dev } of left) {
    try {
      const { live } = await dm.info({ dev });
      const options = { noFlush: true, skipLockFs: true, signal: io.signal };
      if (live) await wipeTable(dm, { dev }, options);
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  if (left.length > 0) await dm.removeAll({ deferred, signal: io.signal });
}

const counted = (devices: number): string => (devices === 1 ? '1 device' : `${devices} devices`);

const namesOf = (devices: readonly DeviceEntry[]): string =>
  devices.map(({ name }) => name).join(', ');

async function heldText(io: Io, devices: readonly DeviceEntry[]): Promise<string> {
  const texts: string[] = [];
  for (const { name, dev } of devices) {
    const holders = await holdersText(dev, io);
    texts.push(holders === '' ? name : `${name} (${holders})`);
  }
  return texts.join(', ');
}

async function confirm(io: Io, devices: readonly DeviceEntry[], { force }: Options): Promise<void> {
  if (devices.length === 0) return;
  const more = force ? ', and makes all I/O of open devices fail' : '';
  const question = `This removes ${counted(devices.length)}${more}: ${namesOf(devices)}`;
  await askYes(io, question, 'nothing was removed');
}
