// dmts mknodes

import type { Command } from 'commander';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { entryRecord, printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

/** `dmts mknodes` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'mknodes',
    details:
      'It creates missing nodes, and removes those of devices that no longer exist. Without NAME it updates all of them.',
    examples: ['dmts mknodes', 'dmts mknodes vol'],
  })
    .argument('[name...]', 'devices')
    .action(async (names: readonly string[], { json }: JsonOption) => {
      await withDeviceMapper(io, { threads: false }, async (dm) => {
        for (const name of names) await dm.makeNode(name);
        if (names.length === 0) await dm.makeNodes();
        if (json) printJson(io, (await dm.list()).map(entryRecord));
      });
    });
}
