// dmts targets

import type { Command } from 'commander';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

const NAME_WIDTH = 16;

/** Formats a target type and its version. */
export const targetLine = ({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string;
}): string => `${name.padEnd(NAME_WIDTH)} v${version}\n`;

/** `dmts targets` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'targets',
    examples: ['dmts targets', 'dmts targets --json'],
  }).action(async ({ json }: JsonOption) => {
    const targets = await withDeviceMapper(io, { threads: false }, (dm) => dm.targets());
    const rows = targets.map(({ name, version }) => ({ name, version: version.join('.') }));
    if (json) return printJson(io, rows);
    io.stdout.write(rows.map(targetLine).join(''));
  });
}
