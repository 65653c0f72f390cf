// dmts target-version

import type { Command } from 'commander';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';
import { targetLine } from './targets.ts';

/** `dmts target-version` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'target-version',
    details: 'In contrast, "dmts targets" lists only the target types that are already loaded.',
    examples: ['dmts target-version thin-pool', 'dmts target-version crypt verity --json'],
  })
    .argument('<type...>', 'target types')
    .action(async (types: readonly string[], { json }: JsonOption) => {
      const rows = await withDeviceMapper(io, { threads: false }, async (dm) => {
        const found = [];
        for (const type of types) {
          const { name, version } = await dm.targetVersion(type);
          found.push({ name, version: version.join('.') });
        }
        return found;
      });
      if (json) printJson(io, rows);
      else io.stdout.write(rows.map(targetLine).join(''));
    });
}
