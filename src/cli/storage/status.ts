// dmts storage status

import type { Command } from 'commander';
import { withView } from '../storage-support/with-storage.ts';
import { describeQuery, placeOf } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage status` */
export function define(group: Command, io: Io): void {
  describeQuery(group, {
    name: 'status',
    details:
      'The command prints the same lines as "docker info". Sizes have at most four digits, in units of powers of 1000. With --json they are in bytes.',
    examples: [
      'dmts storage --root /srv/layers status',
      'dmts storage --root /srv/layers status --json | jq .data.available',
    ],
  }).action(async ({ json }: JsonOption, self: Command) => {
    await withView(io, placeOf(self), async (view) => {
      if (json) return printJson(io, await view.status());
      const items = await view.statusItems();
      io.stdout.write(items.map(([key, value]) => ` ${key}: ${value}\n`).join(''));
    });
  });
}
