// dmts mknodes

import type { Command } from 'commander';
import { describe, type JsonOption } from './describe.ts';
import type { Io } from './io.ts';
import { printJson } from './json.ts';
import { entryRecord } from './records.ts';
import { withDeviceMapper } from './session.ts';

/** `dmts mknodes` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'mknodes',
    summary: 'Make the names below /dev/mapper what they should be',
    details: 'Missing ones are made, and those of devices that have gone are removed.',
    examples: ['dmts mknodes'],
  }).action(async ({ json }: JsonOption) => {
    await withDeviceMapper(io, { threads: false }, async (dm) => {
      await dm.makeNodes();
      if (json) printJson(io, (await dm.list()).map(entryRecord));
    });
  });
}
