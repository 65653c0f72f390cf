// The names of all commands.

import { commands } from '../../../src/cli/commands.ts';
import type { CommandEntries } from '../../../src/cli/support/command-entry.ts';

/** Every command and subcommand: `ls`, `pool`, `pool ls`. */
export async function allVerbs(
  entries: CommandEntries = commands,
  above = '',
): Promise<readonly string[]> {
  const verbs: string[] = [];
  for (const [name, { load }] of entries) {
    const below = (await load()).commands;
    verbs.push(above + name, ...(below ? await allVerbs(below, `${above}${name} `) : []));
  }
  return verbs;
}
