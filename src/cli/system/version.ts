// dmts version

import type { Command } from 'commander';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { printVersion, readVersions } from './print-version.ts';

/** `dmts version` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'version',
    examples: ['dmts version', 'dmts version --json'],
  }).action(async ({ json }: JsonOption) => {
    if (json) printJson(io, await readVersions(io));
    else await printVersion(io);
  });
}
